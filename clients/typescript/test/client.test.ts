/** What the client does when a house refuses, is busy, or is away, and with signed verdicts; no house is needed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { checked, Homage, Invalid, type Key, NotFound, NotSigned, seconds } from "../src/index.ts";
import { retrying } from "../src/retrying.ts";

const HOUSE = "http://house.example";
const PROBLEM = { "content-type": "application/problem+json" };

function inTurn(...answers: (Response | Error)[]) {
  return async (): Promise<Response> => {
    const answer = answers.shift();
    assert(answer, "it was asked once too often");
    if (answer instanceof Error) throw answer;
    return answer;
  };
}

const busy = (status: number, after?: string) =>
  new Response(null, { status, headers: after === undefined ? {} : { "retry-after": after } });

function patient(answers: (Response | Error)[], waits: number[], retries = {}) {
  const sleep = async (s: number) => void waits.push(s);
  return retrying(inTurn(...answers), { times: 4, longest: 60, ...retries }, sleep);
}

test("a busy house is asked again when it says", async () => {
  const waits: number[] = [];
  const send = patient([busy(429, "7"), busy(503, "2"), busy(503), new Response("{}")], waits);
  const request = new Request(`${HOUSE}/v1/reports`, { method: "POST", body: "{}" });
  assert.equal((await send(request)).status, 200);
  assert.deepEqual(waits.slice(0, 2), [7, 2]);
  assert((waits[2] ?? 0) >= 1 && (waits[2] ?? 9) <= 2);
});

test("a wait that is too long, and too many, are passed on", async () => {
  const waits: number[] = [];
  assert.equal((await patient([busy(429, "61")], waits)(new Request(HOUSE))).status, 429);
  const three = [1, 2, 3].map(() => busy(503, "1"));
  assert.equal((await patient(three, waits, { times: 2 })(new Request(HOUSE))).status, 503);
  assert.deepEqual(waits, [1, 1]);
});

test("after a broken line only what is done once is sent again", async () => {
  for (const [method, path, headers, again] of [
    ["GET", "/v1/house", {}, true],
    ["POST", "/v1/verifications", {}, true],
    ["POST", "/v1/reports", { "idempotency-key": "one" }, true],
    ["POST", "/v1/reports", {}, false],
  ] as const) {
    const send = patient([new TypeError("broken"), new Response("{}")], []);
    const sent = send(new Request(HOUSE + path, { method, headers }));
    if (again) assert.equal((await sent).status, 200);
    else await assert.rejects(sent, TypeError);
  }
});

test("Retry-After is read in both forms", () => {
  const now = Date.parse("2026-05-01T12:00:00Z");
  assert.equal(seconds("120", now), 120);
  assert.equal(seconds("Fri, 01 May 2026 12:00:30 GMT", now), 30);
  assert.equal(seconds("soon", now), null);
  assert.equal(seconds(null, now), null);
});

test("a refusal is an exception of its kind, with the problem's members", async () => {
  const problem = {
    type: "/problems/not-found",
    title: "No such.",
    status: 404,
    detail: "none",
    instance: "/v1/x",
    id: "x",
  };
  const fetch = inTurn(
    new Response(JSON.stringify(problem), { status: 404, headers: PROBLEM }),
    new Response("<html>", { status: 422 }),
  );
  const house = new Homage(HOUSE, { fetch });
  await assert.rejects(house.api.GET("/v1/house"), (error) => {
    assert(error instanceof NotFound);
    assert.deepEqual(error.problem, problem);
    return true;
  });
  await assert.rejects(house.verify({ work: "x" }), Invalid);
});

test("a batch is sent in parts and read line by line", async () => {
  const asked: number[] = [];
  const problem = { type: "/problems/unclear-question", title: "π", detail: "what?" };
  const fetch = async (request: Request) => {
    const ids = (await request.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).id);
    asked.push(ids.length);
    const said = ids.map((id, at) => `${JSON.stringify({ id, line: at + 1, verdict: null, problem })}\n`).join("");
    return new Response(inPieces(new TextEncoder().encode(said), 7));
  };
  const lines = ["a", "b", "c", "d", "e"].map((id) => ({ id, work: "x" }));
  const found = [];
  for await (const answer of new Homage(HOUSE, { fetch }).verifyBatch(lines, 2)) {
    assert.deepEqual([answer.verdict, answer.refused?.message], [null, "π what?"]);
    found.push([answer.id, answer.line]);
  }
  assert.deepEqual(found, [
    ["a", 1],
    ["b", 2],
    ["c", 3],
    ["d", 4],
    ["e", 5],
  ]);
  assert.deepEqual(asked, [2, 2, 1]);
});

function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

// -- signed verdicts ------------------------------------------------------------------------------------------------

const NOW = 1_777_000_000;
const packed = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const encoded = (value: unknown) => packed(new TextEncoder().encode(JSON.stringify(value)));
const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, true, ["sign", "verify"])) as CryptoKeyPair;
const { x } = (await crypto.subtle.exportKey("jwk", pair.publicKey)) as { x: string };
const keys = (changes: Partial<Key> = {}) => ({
  keys: [{ kty: "OKP", crv: "Ed25519", x, kid: "one", signs: "homage-verdict+jwt", ...changes }],
});

async function signed(changes = {}, header = {}): Promise<string> {
  const head = { alg: "EdDSA", typ: "homage-verdict+jwt", kid: "one", ...header };
  const said = { iss: HOUSE, iat: NOW, exp: NOW + 86_400, standing: "licensed", ...changes };
  const text = `${encoded(head)}.${encoded(said)}`;
  const signature = await crypto.subtle.sign({ name: "Ed25519" }, pair.privateKey, new TextEncoder().encode(text));
  return `${text}.${packed(new Uint8Array(signature))}`;
}

test("a signed verdict says what was signed", async () => {
  assert.equal((await checked(await signed(), keys(), NOW + 5)).standing, "licensed");
  assert.equal((await checked(await signed(), keys(), null)).iat, NOW);
  assert.equal((await checked(await signed({ sandbox: true }), keys(), NOW, true)).sandbox, true);
});

test("what does not hold or count is refused", async () => {
  const good = await signed();
  const [head, , signature] = good.split(".");
  const retired_at = new Date((NOW - 120) * 1000).toISOString();
  const refused: Record<string, [string, { keys: Key[] }, number]> = {
    expired: [good, keys(), NOW + 86_400],
    "of the future": [good, keys(), NOW - 301],
    "for too long": [await signed({ exp: NOW + 86_401 }), keys(), NOW],
    "without a time": [await signed({ iat: null }), keys(), NOW],
    "by a retired key": [good, keys({ retired_at }), NOW],
    "another kind": [await signed({}, { typ: "homage-snapshot+jwt" }), keys(), NOW],
    "a key of another kind": [good, keys({ signs: "homage-snapshot+jwt" }), NOW],
    "an unknown key": [good, keys({ kid: "two" }), NOW],
    unsigned: [await signed({}, { alg: "none" }), keys(), NOW],
    "another payload": [`${head}.${encoded({ iat: NOW, exp: NOW + 1 })}.${signature}`, keys(), NOW],
    "another signature": [`${good.slice(0, -8)}AAAAAAAA`, keys(), NOW],
    "a critical extension": [await signed({}, { crit: ["b64"] }), keys(), NOW],
    "of the sandbox": [await signed({ sandbox: true }), keys(), NOW],
    nothing: ["", keys(), NOW],
    "no JSON": ["a.b.c", keys(), NOW],
  };
  for (const [name, [jws, jwks, at]] of Object.entries(refused))
    await assert.rejects(checked(jws, jwks, at), NotSigned, name);
});

test("keys that were rotated are fetched again", async () => {
  const fetch = inTurn(Response.json(keys({ kid: "before" })), Response.json(keys()));
  assert.equal((await new Homage(HOUSE, { fetch }).check(await signed(), NOW)).standing, "licensed");
});
