// The rows that a console knows, as the server last put them.

/** States after which a row is put once more and then dropped. @type {Record<TableName, string[]>} */
const OVER = {
  calls: ["closed", "abandoned", "reached", "waived"],
  incidents: ["closed", "cancelled", "merged"],
  units: ["inactive"],
  alarms: ["done"],
  operators: [],
};
const TABLES = /** @type {TableName[]} */ (Object.keys(OVER));

export class Store {
  constructor() {
    /** @type {{[T in TableName]: Map<number, Tables[T]>}} */
    this.tables = { calls: new Map(), incidents: new Map(), units: new Map(), alarms: new Map(), operators: new Map() };
    /** @type {Record<string, ((change: Change<any>) => void)[]>} */
    this.listeners = {};
    this.seq = 0;
    /** The surge that is declared now. @type {Surge | null} */
    this.surge = null;
    /** @type {Record<string, number>} */
    this.parameters = {};
    /** @type {Record<string, Record<string, number>>} */
    this.targets = {};
  }

  /** Be told of each change of a table, at once and whole.
   * @template {TableName} T @param {T} table @param {(change: Change<Tables[T]>) => void} listener */
  subscribe(table, listener) {
    (this.listeners[table] ??= []).push(listener);
  }

  /** @template {TableName} T @param {T} table @returns {Tables[T][]} */
  all(table) {
    return [...this.tables[table].values()];
  }

  /** @template {TableName} T @param {T} table @param {number | null} id @returns {Tables[T] | undefined} */
  get(table, id) {
    return id === null ? undefined : this.tables[table].get(id);
  }

  /** @param {string} callSign @returns {Unit | undefined} */
  unit(callSign) {
    return this.all("units").find((unit) => unit.call_sign === callSign);
  }

  /** Replace everything: after the first load and after each break.
   * @param {Snapshot} snapshot */
  replace(snapshot) {
    this.seq = snapshot.seq;
    this.surge = snapshot.surge;
    this.parameters = snapshot.parameters ?? {};
    this.targets = snapshot.targets ?? {};
    for (const table of TABLES) {
      const rows = table === "calls" ? [...(snapshot.calls ?? []), ...(snapshot.callbacks ?? [])] : (snapshot[table] ?? []);
      const map = /** @type {Map<number, any>} */ (this.tables[table]);
      map.clear();
      for (const row of rows) map.set(row.id, row);
    }
    for (const table of TABLES) this.tell(table, { put: this.all(table), gone: [], reset: true });
  }

  /** Take in what the stream says. What is older than the snapshot changes nothing.
   * @param {Batch} batch */
  apply(batch) {
    if (batch.seq <= this.seq) return;
    this.seq = batch.seq;
    if (batch.surge !== undefined) this.surge = batch.surge;
    /** @type {[TableName, Change<any>][]} */
    const changes = [];
    for (const table of TABLES) {
      const rows = batch.put?.[table];
      const map = /** @type {Map<number, any>} */ (this.tables[table]);
      if (rows && table === "operators") map.clear(); // always sent whole
      else if (!rows?.length) continue;
      const [put, gone] = [/** @type {any[]} */ ([]), /** @type {any[]} */ ([])];
      for (const row of rows ?? []) {
        if (OVER[table].includes(/** @type {any} */ (row).state)) {
          map.delete(row.id);
          gone.push(row);
        } else {
          map.set(row.id, row);
          put.push(row);
        }
      }
      changes.push([table, { put, gone, reset: table === "operators" }]);
    }
    for (const [table, change] of changes) this.tell(table, change);
  }

  /** New positions of units, which are not journalled.
   * @param {Moves} positions */
  move(positions) {
    const bySign = new Map(this.all("units").map((unit) => [unit.call_sign, unit]));
    const put = [];
    for (const [sign, lat, lng, at, accuracy, mark] of positions) {
      const unit = bySign.get(sign);
      if (!unit || (unit.position_at && unit.position_at > at)) continue;
      const moved = { ...unit, lat, lng, position_at: at, accuracy_m: accuracy, mark };
      this.tables.units.set(unit.id, moved);
      put.push(moved);
    }
    if (put.length) this.tell("units", { put, gone: [], reset: false });
  }

  /** @param {TableName} table @param {Change<any>} change */
  tell(table, change) {
    for (const listener of this.listeners[table] ?? []) listener(change);
  }
}
