// The dispatcher's screen: puts the panels together and gives them their keys.

import { AdvicePanel, sendUnits } from "./advice.js";
import { AlarmPanel } from "./alarms.js";
import { UnitBoard } from "./board.js";
import { CommandLine, commandHelp } from "./commandline.js";
import { post, toast, urgent } from "./commands.js";
import { notesOf, strikeNote } from "./corrections.js";
import { DetailPanel } from "./detail.js";
import { byId, given } from "./dom.js";
import { IncidentList } from "./incidents.js";
import * as keys from "./keys.js";
import { CityMap, mapControls } from "./map.js";
import { MassPanel } from "./mass.js";
import { MoveUp } from "./moveup.js";
import { AT_WORK, Names, isUndispatched } from "./names.js";
import { callBack, present } from "./presence.js";
import * as sounds from "./sounds.js";
import { soundSettings } from "./soundsettings.js";
import { Live, catalogue } from "./stream.js";
import { tick } from "./timers.js";
import { offerTogether } from "./together.js";
import { topBar } from "./topbar.js";
import { showUnit } from "./unitpanel.js";

/** @import {Screen} from "./verbs.js" */

const channel = new BroadcastChannel("sigap-selection");

/** Incidents that a screen reader has been told of. @type {Set<number>} */
const told = new Set();
/** Incidents that the dispatcher has looked at: their first sound is answered. @type {Set<number>} */
const heard = new Set();

async function begin() {
  const live = new Live("console");
  const names = new Names(await catalogue());
  const { store } = live;
  /** @type {number | null} */
  let selected = null;

  const list = new IncidentList(live, names, choose);
  const detail = new DetailPanel(live, names, choose);
  const advice = new AdvicePanel(live, names, (told) => {
    detail.advised(told);
    const suggested = told.picks.map((pick) => pick.unit);
    map.select(selected, suggested);
    channel.postMessage({ selected, suggested });
  });
  const mass = new MassPanel(live, names, (id) => choose(id));
  const moveUp = new MoveUp(live);
  const alarms = new AlarmPanel(live, names, "dispatcher", choose);
  const openUnit = (/** @type {Unit} */ unit) => showUnit(live, names, unit, { choose, locate: (u) => u.lat !== null && u.lng !== null && map.locate(u.lat, u.lng) });
  const board = new UnitBoard(live, names, openUnit);
  const map = new CityMap(byId("map"), live, names, { settings: given("map-settings"), choose, open: openUnit, locked: () => controls.update() });
  const controls = mapControls(map, byId("map-frame"));

  /** @param {number | null} id @param {boolean} [byPerson] */
  function choose(id, byPerson = true) {
    if (id === selected) {
      if (id !== null && byPerson) heard.add(id);
      return sound();
    }
    if (id !== null && !store.get("incidents", id)) return toast(interpolate(gettext("#%s is not open any more."), [id]));
    selected = id;
    if (id !== null && byPerson) heard.add(id);
    list.select(id);
    detail.select(id);
    advice.select(id);
    mass.select(id);
    map.select(id);
    mark();
    sound();
    channel.postMessage({ selected, suggested: [] });
  }

  function mark() {
    const jobs = store.get("incidents", selected)?.jobs ?? [];
    board.mark(new Set(jobs.filter((job) => AT_WORK.includes(job.state)).map((job) => job.unit)));
  }

  /** Emergencies that nobody was sent to sound until the dispatcher has looked at them. */
  function sound() {
    const pressing = store.all("incidents").filter((row) => row.priority <= 2);
    const waiting = pressing.filter((row) => isUndispatched(row) && !heard.has(row.id));
    // One that loses its units is to be heard again.
    for (const row of pressing) if (!isUndispatched(row)) heard.delete(row.id);
    for (const row of waiting) {
      const text = `#${row.id} P${row.priority} ${names.type(row.type)}`;
      callBack(text, `incident-${row.id}`);
      if (row.priority === 1 && !told.has(row.id)) urgent(text);
      told.add(row.id);
    }
    sounds.keep("waiting:", new Map(waiting.map((row) => [`waiting:${row.id}`, row.priority])));
  }

  /** @type {Screen} */
  const screen = {
    store,
    names,
    selected: () => selected,
    choose: (id) => choose(id),
    locate: (lat, lng) => map.locate(lat, lng),
    openUnit,
    filter: (agency) => list.show(agency),
    correct: (job) => detail.correct(job),
    strike: async (id) => strikeNote(await notesOf(id), names.reasons("strike")),
    send: (incident, units, version, sure) => sendUnits(names, incident, units, version, sure),
    post: (url, data, confirm) => post(url, data, { confirm }),
  };
  const line = new CommandLine(screen, help);

  store.subscribe("incidents", ({ reset }) => {
    mark();
    if (reset && selected === null) choose(list.first(), false);
    sound();
  });
  live.onSecond(() => tick(live.now()));
  channel.addEventListener("message", ({ data }) => {
    if (data.choose) choose(data.choose);
    if (data.hello) channel.postMessage({ selected, suggested: [...map.suggested] });
  });
  topBar(live);
  offerTogether(live, names);
  wireKeys({ list, detail, advice, alarms, board, map, line, moveUp });
  await live.start();
  present(live);
  await map.begin();
  controls.update();
}

const help = () => keys.help([commandHelp(), soundSettings()]);

/** @param {{list: IncidentList, detail: DetailPanel, advice: AdvicePanel, alarms: AlarmPanel,
 *   board: UnitBoard, map: CityMap, line: CommandLine, moveUp: MoveUp}} panels */
function wireKeys({ list, detail, advice, alarms, board, map, line, moveUp }) {
  const sending = gettext("Selected incident");
  const moving = gettext("Go to");
  const showing = gettext("Map");
  keys.add(
    { key: "F1", label: gettext("This help"), run: help },
    { key: "?", label: gettext("This help"), run: help },
    { key: "/", label: gettext("Command line"), run: () => line.focus() },
    { key: "F9", label: gettext("Show the most urgent alarm; again to acknowledge it"), run: () => alarms.answer() },
    { key: "F6", label: gettext("Accept the proposed waiting place"), run: () => void moveUp.answer(true) },
    { key: "F4", label: gettext("Send the chosen units, or the plan's"), group: sending, run: () => void advice.send() },
    { key: "F7", label: gettext("Merge into the first candidate"), group: sending, run: () => void detail.merge() },
    { key: "F8", label: gettext("Accept the suggested priority"), group: sending, run: () => detail.accept() },
    { key: "F10", label: gettext("Accept what a unit's position shows"), group: sending, run: () => void detail.acceptSeen() },
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({ key: String(n), label: gettext("Choose units with 1 to 9; then F4"), group: sending, shown: n === 1, run: () => advice.toggle(n) })),
    { key: "g i", label: gettext("Incidents"), group: moving, run: () => list.focus() },
    { key: "g u", label: gettext("Units"), group: moving, run: () => board.focus() },
    { key: "g m", label: gettext("Map"), group: moving, run: () => byId("map").focus() },
    { key: "g a", label: gettext("Alarms"), group: moving, run: () => alarms.show(true) },
    { key: "n", label: gettext("Sort the list and show what is new"), group: moving, run: () => list.steady.sort() },
    { key: "+", label: gettext("Closer"), group: showing, run: () => map.zoom(1) },
    { key: "-", label: gettext("Further"), group: showing, run: () => map.zoom(-1) },
    { key: "0", label: gettext("The whole city"), group: showing, run: () => map.whole() },
    { key: "*", label: gettext("Follow the selected incident again"), group: showing, run: () => map.lock(false) },
  );
  byId("help").addEventListener("click", help);
}

void begin();
