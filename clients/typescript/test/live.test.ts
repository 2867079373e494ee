/** The client against a live house: HOMAGE_URL, HOMAGE_KEY, HOMAGE_WORK and HOMAGE_FILE say what is asked about. */
import assert from "node:assert/strict";
import { openAsBlob } from "node:fs";
import { test } from "node:test";
import { Homage, Invalid, Unauthenticated } from "../src/index.ts";

const { HOMAGE_URL: url = "", HOMAGE_KEY: key = "", HOMAGE_WORK: work = "", HOMAGE_FILE: file = "" } = process.env;
const house = new Homage(url, { key });

test("a file and a number are asked about", async () => {
  const shown = await house.verify({ file: await openAsBlob(file), use: "publish", territory: "DE" });
  assert.deepEqual([shown.work, shown.standing, shown.identification], [work, "licensed", "proven"]);
  const named = await house.verify({ work, use: "publish", date: "2026-05-02" });
  assert.deepEqual([named.work, named.asked.date], [work, "2026-05-02"]);
});

test("every address is there with its types", async () => {
  const { data } = await house.api.GET("/v1/claims/{work}", { params: { path: { work } } });
  assert.equal(data?.standing, "licensed");
});

test("what is refused is an exception of its kind", async () => {
  await assert.rejects(house.verify({ use: "publish" }), (error) => {
    assert(error instanceof Invalid);
    assert.equal(error.problem.type, "/problems/unclear-question");
    return true;
  });
  await assert.rejects(new Homage(url, { key: "hmg_wrong" }).verify({ work }), Unauthenticated);
});
