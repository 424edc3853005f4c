// The second monitor: the map alone; it follows what the dispatcher has selected.

import { byId, given } from "./dom.js";
import * as keys from "./keys.js";
import { CityMap, mapControls } from "./map.js";
import { Names } from "./names.js";
import { Live, catalogue } from "./stream.js";
import { tick } from "./timers.js";
import { topBar } from "./topbar.js";
import { showUnit } from "./unitpanel.js";

const channel = new BroadcastChannel("sigap-selection");

async function begin() {
  const live = new Live("console");
  const names = new Names(await catalogue());
  const choose = (/** @type {number} */ id) => {
    map.select(id);
    channel.postMessage({ choose: id });
  };
  const map = new CityMap(byId("map"), live, names, {
    settings: given("map-settings"),
    choose,
    open: (unit) => showUnit(live, names, unit, { choose, locate: (u) => u.lat !== null && u.lng !== null && map.locate(u.lat, u.lng) }),
    locked: () => controls.update(),
  });
  const controls = mapControls(map, byId("map-frame"));
  channel.addEventListener("message", ({ data }) => {
    if ("selected" in data) map.select(data.selected, data.suggested);
  });
  keys.add(
    { key: "F1", label: gettext("This help"), run: () => keys.help() },
    { key: "?", label: gettext("This help"), run: () => keys.help() },
    { key: "+", label: gettext("Closer"), run: () => map.zoom(1) },
    { key: "-", label: gettext("Further"), run: () => map.zoom(-1) },
    { key: "0", label: gettext("The whole city"), run: () => map.whole() },
    { key: "*", label: gettext("Follow the selected incident again"), run: () => map.lock(false) },
  );
  byId("help").addEventListener("click", () => keys.help());
  live.onSecond(() => tick(live.now()));
  topBar(live);
  await live.start();
  await map.begin();
  controls.update();
  channel.postMessage({ hello: true });
}

void begin();
