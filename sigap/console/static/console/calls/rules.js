// Which priority the answers propose: the catalogue's rules, as the server applies them too.

/** @typedef {{priority: number, siren: boolean, rule: string, text: string}} Proposal */

/** The first rule all of whose conditions are met; else the type's own priority.
 * @param {TypeEntry} type @param {Record<string, string>} answers @returns {Proposal} */
export function propose(type, answers) {
  for (const rule of type.rules) {
    const conditions = Object.entries(rule.when);
    if (conditions.length && conditions.every(([question, accepted]) => accepted.includes(answers[question] ?? ""))) {
      return { priority: rule.priority, siren: rule.siren, rule: rule.code, text: rule.text };
    }
  }
  return { priority: type.priority, siren: type.siren, rule: "", text: gettext("usual for this type") };
}

/** The answers that a question offers: code, label and key.
 * @param {TypeEntry["questions"][number]} question @returns {{code: string, label: string, key: string}[]} */
export function offered(question) {
  if (question.kind === "yes_no") {
    return [
      { code: "yes", label: gettext("Yes"), key: "y" },
      { code: "no", label: gettext("No"), key: "t" },
      { code: "unsure", label: gettext("Not sure"), key: "?" },
    ];
  }
  if (question.kind === "count") {
    return ["0", "1", "2", "3", "4+"].map((code) => ({ code, label: code, key: code[0] ?? "" }));
  }
  return question.options.map(([code, label], i) => ({ code, label, key: String(i + 1) }));
}

/** Whether a question asks for the number of victims, which every form has.
 * @param {TypeEntry["questions"][number]} question */
export const counted = ({ code, kind }) => code === "victims" && kind === "count";

/** A point typed as two numbers, e.g. "-7.8266, 112.0305". @param {string} text
 * @returns {{lat: number, lng: number} | null} */
export function pointIn(text) {
  const found = /(-?\d{1,2}\.\d{3,})\s*[,; ]\s*(-?\d{2,3}\.\d{3,})/.exec(text);
  if (!found) return null;
  const [lat, lng] = [Number(found[1]), Number(found[2])];
  return Math.abs(lat) <= 90 && Math.abs(lng) <= 180 ? { lat, lng } : null;
}
