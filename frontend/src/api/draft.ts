/** What someone was about to make, kept in this browser: it outlives a reload, signing in, and another tab. */
const BASE = "homage";
const SHELF = "drafts";

/** A file last chosen to start from, and its upload's id if it was sent already. The studio begins with it. */
export interface KeptFile {
  file: File;
  upload: string | null;
}
export const keepPicture = (picture: KeptFile | null): Promise<void> => keep("picture", picture);
export const keptPicture = (): Promise<KeptFile | null> => kept<KeptFile>("picture");

/** Null forgets it. Without storage (a private window) the draft lasts as long as the page. */
export async function keep(key: string, value: unknown): Promise<void> {
  try {
    await ask("readwrite", (shelf) => (value === null ? shelf.delete(key) : shelf.put(value, key)));
  } catch {
    // see above
  }
}

export async function kept<T>(key: string): Promise<T | null> {
  try {
    return ((await ask("readonly", (shelf) => shelf.get(key))) as T | undefined) ?? null;
  } catch {
    return null;
  }
}

async function ask(mode: IDBTransactionMode, does: (shelf: IDBObjectStore) => IDBRequest): Promise<unknown> {
  const open = indexedDB.open(BASE, 1);
  open.onupgradeneeded = () => open.result.createObjectStore(SHELF);
  const base = (await settled(open)) as IDBDatabase;
  try {
    return await settled(does(base.transaction(SHELF, mode).objectStore(SHELF)));
  } finally {
    base.close();
  }
}

function settled(request: IDBRequest): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
  return promise;
}
