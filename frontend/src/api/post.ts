/** One file as the body of one request, with its progress: what `fetch` cannot tell. */
import { Problem } from "./problem";

interface Options {
  type: string;
  /** The request's own name, kept while the same is tried again. */
  key: string;
  onProgress?: (sent: number) => void;
}

/** The answer's JSON. `onProgress` is told the bytes that left so far. Throws Problem. */
export function post<T>(url: string, file: Blob, { type, key, onProgress }: Options): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const request = new XMLHttpRequest();
  request.open("POST", url);
  request.setRequestHeader("Content-Type", type);
  request.setRequestHeader("Idempotency-Key", key);
  request.upload.onprogress = ({ loaded }) => onProgress?.(loaded);
  request.onerror = () => reject(Problem.unreachable());
  request.onload = () => {
    const { status, responseText } = request;
    if (status >= 200 && status < 300) resolve(JSON.parse(responseText) as T);
    else reject(Problem.read(status, responseText, request.getResponseHeader("Retry-After")));
  };
  request.send(file);
  return promise;
}
