// What the phone keeps: the last snapshot, the outbox, photos that wait. It outlives a reload, a
// closed browser and a dead battery: each change is on the disk before anything else happens.

/** @typedef {import("./types").Act} Act */

const NAME = "sigap-crew";
const STORES = ["kept", "outbox", "photos"];
/** @type {Promise<IDBDatabase> | null} */
let opening = null;

/** @returns {Promise<IDBDatabase>} */
function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("kept");
      request.result.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
      request.result.createObjectStore("photos");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  opening.catch(() => (opening = null));
  return opening;
}

/** One transaction; what `does` asks for last is the answer.
 * @param {"readonly" | "readwrite"} mode
 * @param {(store: (name: string) => IDBObjectStore) => IDBRequest | void} does
 * @returns {Promise<any>} */
async function within(mode, does) {
  const opened = await database();
  return new Promise((resolve, reject) => {
    const transaction = opened.transaction(STORES, mode, { durability: "strict" });
    const request = does((name) => transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** @param {string} name @returns {Promise<any>} */
export const kept = (name) => within("readonly", (store) => store("kept").get(name));

/** @param {Record<string, any>} values */
export const keep = (values) =>
  within("readwrite", (store) => {
    for (const [name, value] of Object.entries(values)) store("kept").put(value, name);
  });

/** Everything in the outbox, in the order of pressing. @returns {Promise<Act[]>} */
export const acts = () => within("readonly", (store) => store("outbox").getAll());

/** Put an act into the outbox, with its photo where it has one. @param {Omit<Act, "seq">} act @param {Blob} [photo] */
export const add = (act, photo) =>
  within("readwrite", (store) => {
    if (photo) store("photos").put(photo, act.id);
    return store("outbox").add(act);
  });

/** @param {Act} act */
export const put = (act) => within("readwrite", (store) => void store("outbox").put(act));

/** @param {Act} act */
export const drop = (act) =>
  within("readwrite", (store) => {
    store("outbox").delete(act.seq);
    store("photos").delete(act.id);
  });

/** What the server answered, at once: acts that are over or changed, and what is known now.
 * @param {Act[]} gone @param {Act[]} changed @param {Record<string, any>} values */
export const settle = (gone, changed, values) =>
  within("readwrite", (store) => {
    for (const act of gone) store("outbox").delete(act.seq);
    for (const act of changed) store("outbox").put(act);
    for (const [name, value] of Object.entries(values)) store("kept").put(value, name);
  });

/** @param {string} id @returns {Promise<Blob | undefined>} */
export const photo = (id) => within("readonly", (store) => store("photos").get(id));

/** Forget who was here: what is not sent yet stays. */
export const forget = () => within("readwrite", (store) => void store("kept").clear());
