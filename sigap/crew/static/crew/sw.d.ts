// The service worker's own address is not that of the modules beside it.
declare module "/static/crew/outbox.js" {
  export function send(): Promise<import("./types").Outcome>;
}
