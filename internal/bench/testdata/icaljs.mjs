// Expands a year of every series and writes every object again with ical.js.
// Usage: node icaljs.mjs MODULE RUNS FILE...  Prints the best run in
// microseconds and how many dates it found.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

const [module, runs, ...files] = process.argv.slice(2);
const { default: ICAL } = await import(pathToFileURL(module).href);
const all = files.map((f) => new ICAL.Component(ICAL.parse(readFileSync(f, 'utf8'))));
for (const c of all) for (const z of c.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(z);

let best = Infinity, dates, bytes;
for (let r = 0; r < Number(runs); r++) {
  dates = 0; bytes = 0;
  const begin = performance.now();
  for (const c of all) {
    const event = new ICAL.Event(c.getFirstSubcomponent('vevent'));
    const until = event.startDate.clone();
    until.year += 1;
    const each = event.iterator();
    for (let d = each.next(); d && d.compare(until) < 0; d = each.next()) dates++;
    bytes += c.toString().length;
  }
  best = Math.min(best, (performance.now() - begin) * 1000);
}
console.log(Math.round(best), dates, bytes);
