import { expect, test } from "vitest";
import { asProblem, Problem } from "./problem";

const body = {
  type: "/problems/not-enough-credit",
  title: "Not enough credit.",
  status: 402,
  detail: "this costs more than you have",
  instance: "/v1/works",
  have: 1,
  need: 2,
};

test("a problem document keeps its code, its words and its facts", () => {
  const problem = Problem.read(402, JSON.stringify(body), "7");
  expect(problem.code).toBe("not-enough-credit");
  expect(problem.message).toBe("this costs more than you have");
  expect(problem.facts).toEqual({ have: 1, need: 2 });
  expect(problem.retryAfter).toBe(7);
});

test("the fault of one field is found by its pointer", () => {
  const errors = [{ pointer: "#/email", parameter: "", detail: "no address" }];
  const problem = Problem.read(422, JSON.stringify({ ...body, errors }));
  expect(problem.fault("email")).toBe("no address");
  expect(problem.fault("name")).toBeUndefined();
});

test("an answer that is no problem document is still an error that can be shown", () => {
  for (const text of ["<html>502</html>", "", "null", "[]"]) {
    expect(Problem.read(502, text)).toMatchObject({ code: "unreadable", status: 502 });
  }
});

test("a lost connection is told from a mistake of the page", () => {
  expect(asProblem(new TypeError("Failed to fetch")).code).toBe("no-connection");
  expect(asProblem(new TypeError("NetworkError when attempting to fetch resource.")).code).toBe("no-connection");
  expect(asProblem(new TypeError("Load failed")).code).toBe("no-connection");
  expect(asProblem(new Error("Unable to preload CSS for /assets/x.css")).code).toBe("no-connection");
  expect(asProblem(new TypeError("x is undefined")).code).toBe("page-error");
  expect(asProblem("odd").detail).toBe("odd");
});
