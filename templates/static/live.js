// A meeting's screens follow each other. An event says that something changed, never what: the page is read again with
// one's own rights, and only the parts that differ are put in place. A field that is being written is never replaced.
// What is written on a case leaves as it is typed, one field beside the other, and waits here (sessionStorage, this
// tab only, gone with the session) while there is no connection. Uses $ and $$ of rcp.js.
const trim = s => s.replaceAll('\r\n', '\n').trim();
const radios = f => $$(`input[type=radio][name="${f.name}"]`, f.form ?? document);
const isChoice = f => f.type === 'radio';
const valueOf = f => isChoice(f) ? radios(f).find(r => r.checked)?.value ?? '' : f.value;
const baseOf = f => isChoice(f) ? radios(f).find(r => r.defaultChecked)?.value ?? ''
  : f.matches('select') ? ([...f.options].find(o => o.defaultSelected) ?? f.options[0])?.value ?? ''
  : f.type === 'checkbox' ? f.value : f.defaultValue;
const dirty = f => f.type === 'checkbox' ? f.checked !== f.defaultChecked : trim(valueOf(f)) !== trim(baseOf(f));
const fieldsOf = e => $$('input:not([type=hidden]), textarea, select', e);
function setValue(f, v) { isChoice(f) ? radios(f).forEach(r => { r.checked = r.value === v; }) : f.value = v; }
function setBase(f, v) {
  const typed = valueOf(f);
  if (isChoice(f)) radios(f).forEach(r => { r.defaultChecked = r.value === v; });
  else if (f.matches('select')) [...f.options].forEach(o => { o.defaultSelected = o.value === v; });
  else f.defaultValue = v;
  setValue(f, typed);
}

// Listening: one stream while the page is looked at; it resumes after the last event heard.
const root = () => $('[data-live]');
const notice = () => $('[data-live] > .notice');
let source, address = '', last = '', heard = 0, losing;
function connect() {
  source?.close();
  source = undefined;
  address = root()?.dataset.live ?? '';
  if (!address || document.hidden) return;
  heard = Date.now();
  const s = source = new EventSource(`${address}?since=${last || root().dataset.since}`);
  s.onopen = found;
  s.onmessage = e => { last = e.lastEventId; found(); heardOf(JSON.parse(e.data)); };
  s.addEventListener('beat', found);
  s.addEventListener('over', () => { s.close(); location.reload(); });
  s.onerror = () => {
    losingSoon();
    if (s.readyState === EventSource.CLOSED && s === source) setTimeout(() => s === source && connect(), 1000 + 2000 * Math.random());
  };
}
function found() {
  heard = Date.now();
  clearTimeout(losing);
  losing = undefined;
  const n = notice();
  if (n && !n.hidden) { n.hidden = true; refreshSoon(); }
  if (waiting) save();
}
function losingSoon() {
  losing ??= setTimeout(() => { const n = notice(); if (n) n.hidden = false; }, 5000);
}
addEventListener('offline', losingSoon);
addEventListener('online', connect);
addEventListener('pagehide', () => { source?.close(); leave(); });
addEventListener('pageshow', e => { if (e.persisted) { connect(); refreshSoon(); } });
document.addEventListener('visibilitychange', () => document.hidden ? source?.close() : connect());
setInterval(() => {
  if (source && Date.now() - heard > 40000) { losingSoon(); connect(); } // silent: no beat for long
  if (waiting) save();
}, 5000);
setInterval(() => { if (source && !document.hidden && $('[data-clock]')) refreshSoon(); }, 240000 + 120000 * Math.random()); // what minutes alone change

// The clock and the minutes spent go on by themselves, in the meeting's zone, from what the page said.
const shown = new WeakMap();
const pad = n => String(n).padStart(2, '0');
function tick() {
  const since = e => { if (!shown.has(e)) shown.set(e, Date.now()); return Math.floor((Date.now() - shown.get(e)) / 60000); };
  $$('[data-day]').forEach(e => {
    const [h, m] = e.dataset.day.split(':').map(Number), at = (h * 60 + m + since(e)) % 1440;
    e.textContent = document.documentElement.lang === 'en' ? `${pad(Math.floor(at / 60))}:${pad(at % 60)}` : `${Math.floor(at / 60)}\u00a0h\u00a0${pad(at % 60)}`;
  });
  $$('[data-elapsed]').forEach(e => {
    const n = Number(e.dataset.elapsed) + since(e), bar = $('progress', e.closest('div'));
    e.textContent = `${n}\u00a0min`;
    if (bar) bar.value = n;
  });
}
setInterval(tick, 5000);

// Reading again: the sheet alone when something was written on the case that is shown, else the whole page; at once,
// then not more often than every 150 ms.
const GAP = 150;
const here = () => location.pathname.replace(/\/find-now$/, '/room'); // a search answers at an address of its own
let planned, reading = false, again = false, whole = false, read = 0;
function heardOf({ kind, tag }) {
  const fiche = $('#fiche');
  if (kind !== 'decisions.recorded' || !fiche) return refreshSoon();
  if (tag === fiche.dataset.tag) refreshSoon(false);
}
function refreshSoon(all = true) {
  whole ||= all;
  planned ??= setTimeout(() => { planned = undefined; refresh(); }, Math.max(0, read + GAP - Date.now()));
}
async function refresh() {
  if (reading || saving) { again = true; return; }
  reading = true;
  const before = saves, all = whole || !form();
  whole = false;
  read = Date.now();
  try {
    const res = await fetch(all ? here() : form().getAttribute('action') + '/sheet');
    const page = res.ok && new DOMParser().parseFromString(await res.text(), 'text/html');
    if (!page || !root()) { whole ||= all; return; }
    if (saves !== before) { again = true; whole ||= all; } // what was read may be older than what was saved
    else if (res.redirected && new URL(res.url).pathname !== here()) { if (!unsent().length) location.assign(res.url); }
    else show(page);
  } catch { whole ||= all; losingSoon(); } finally {
    reading = false;
    if (again) { again = false; refreshSoon(false); }
  }
}
function show(page) {
  const only = $('[data-only]', page);
  if (only) {
    const said = $('#dec-t', only);
    if (said && $('#dec-t') && !said.isEqualNode($('#dec-t'))) $('#dec-t').replaceWith(document.adoptNode(said));
    if (form() && $('#fiche', only)?.dataset.tag === form().dataset.tag) merge(form(), $('#fiche', only));
    return;
  }
  const mine = $('#fiche'), theirs = $('#fiche', page), main = $('#contenu');
  if (mine && mine.getAttribute('action') !== theirs?.getAttribute('action')) { // another patient is spoken of
    const next = $('#contenu', page);
    if (next && !busy(mine)) { main.innerHTML = next.innerHTML; htmx.process(main); begin(); }
  }
  for (const old of $$('[data-part]')) {
    const fresh = page.getElementById(old.id);
    if (fresh && !(main?.contains(old) && mine?.isConnected === false)) swap(old, fresh);
  }
}
const busy = e => e.contains(document.activeElement) || fieldsOf(e).some(dirty) || $('[data-clash]', e);
function swap(old, fresh) {
  if (old.isEqualNode(fresh) || old.matches('dialog[open]') || $('dialog[open], .drag', old)) return;
  if (old.id === 'fiche' && !old.matches('[data-autosave]') && !$('fieldset', old).disabled) return; // a page that asks something
  const at = old.contains(document.activeElement) && document.activeElement;
  if (old.id === 'fiche' ? busy(old) : at?.matches?.('input, textarea, select') || fieldsOf(old).some(dirty)) return merge(old, fresh);
  old.replaceWith(document.adoptNode(fresh));
  window.htmx?.process(fresh);
  if (at) (at.id ? document.getElementById(at.id) : at.name ? $(`[name="${at.name}"]`, fresh) : at.href && $(`[href="${at.getAttribute('href')}"]`, fresh))?.focus({ preventScroll: true });
  if (fresh.id === 'fiche') begin();
}
const isEmpty = row => !fieldsOf(row).some(c => c.value);
const nameOf = f => f.dataset.field ?? f.name;
function merge(old, fresh) {
  const there = new Map(fieldsOf(fresh).map(f => [nameOf(f), f]));
  for (const f of fieldsOf(old)) {
    const n = there.get(nameOf(f));
    if (!n || isChoice(f) && f !== radios(f)[0]) continue;
    const now = baseOf(n);
    if (isChoice(f) && now !== baseOf(f)) refreshSoon(); // its trajectory
    if (trim(valueOf(f)) === trim(now)) setBase(f, now);
    else if (!dirty(f) && !(isChoice(f) ? radios(f) : [f]).includes(document.activeElement)) { setBase(f, now); setValue(f, now); }
  }
  $$('[data-row]', fresh).forEach(row => { // one that somebody else began, or an empty one again
    const f = $('[data-field]', row), all = $$(row.localName + '[data-row]', old), empty = all.find(isEmpty);
    if (isEmpty(row) ? empty : $$('[data-field]', old).some(k => k.dataset.field === f.dataset.field)) return;
    empty ? empty.before(document.adoptNode(row)) : all.at(-1)?.after(document.adoptNode(row));
    keyRow(row);
  });
  const v = $('[name=version]', fresh), box = $('fieldset', old);
  if (v) $('[name=version]', old).value = v.value;
  if (old.id === 'fiche') box.disabled = $('fieldset', fresh).disabled;
}

// Saving as typed.
let saving, saves = 0, waiting = false, soon;
const form = () => $('#fiche[data-autosave]');
const autos = f => $$('[data-field]', f).filter(x => !isChoice(x) || x === radios(x)[0]);
const unsent = () => form() ? autos(form()).filter(x => dirty(x) && !x.dataset.clash) : [];
const keyOf = name => `rcp:${form().dataset.who}:${form().getAttribute('action')}:${name}`;
const status = text => { const s = $('#dec-t [role=status]'); if (s && text) s.textContent = text; };
const params = list => {
  const p = new URLSearchParams();
  list.forEach(f => { p.append('field', f.dataset.field); p.append('base', baseOf(f)); p.append('value', valueOf(f)); });
  return p;
};
function keep(f) { dirty(f) ? sessionStorage.setItem(keyOf(f.dataset.field), JSON.stringify({ base: baseOf(f), value: valueOf(f) })) : forget(f); }
function forget(f) { sessionStorage.removeItem(keyOf(f.dataset.field)); }
function saveSoon(ms) { clearTimeout(soon); soon = setTimeout(save, ms); }
function save() {
  clearTimeout(soon);
  return saving ??= sendAll().finally(() => { saving = undefined; saves++; if (again) { again = false; refreshSoon(false); } });
}
async function sendAll() {
  waiting = false;
  for (let list; (list = unsent().filter(f => valueOf(f) !== f.dataset.refused)).length;) {
    saves++;
    let answer;
    try {
      const res = await fetch(form().getAttribute('action') + '/fields', { method: 'POST', body: params(list) });
      if (res.ok && res.headers.get('Content-Type')?.includes('json')) answer = await res.json();
    } catch { losingSoon(); }
    if (!answer) { waiting = true; status(form()?.dataset.unsent); return false; }
    list.forEach((f, i) => f.isConnected && settleField(f, answer.fields[i]));
    status(answer.said);
    const v = form() && $('[name=version]', form());
    if (v) v.value = answer.version;
    if (list.some(f => f === document.activeElement)) break; // what was typed meanwhile follows in its turn
  }
  return true;
}
function settleField(f, r) {
  const sent = trim(valueOf(f)), box = f.closest('td, .field, .obj');
  $('[data-refusal]', box)?.remove();
  f.removeAttribute('aria-invalid');
  delete f.dataset.refused;
  if (r.state === 'refused') {
    f.dataset.refused = valueOf(f);
    if (f === document.activeElement) return;
    f.setAttribute('aria-invalid', 'true');
    const p = Object.assign(document.createElement('p'), { className: 'error' }), s = Object.assign(document.createElement('span'), { className: 'st bad', textContent: r.error });
    p.dataset.refusal = '';
    p.append(s);
    box.append(p);
    return;
  }
  if (r.state === 'clash') return clash(f, r, box);
  forget(f);
  f.dataset.field = r.name;
  const row = f.closest('[data-row]'); // an owner without a title was refused: with it, they can stand
  if (row) fieldsOf(row).forEach(x => { delete x.dataset.refused; });
  if (isChoice(f)) refreshSoon(); // its trajectory
  setBase(f, r.stored);
  if (sent !== trim(r.stored) && f !== document.activeElement) setValue(f, r.stored); // « +7 » became a day
  keep(f);
}
// Two people, one field: theirs is shown, and one keeps mine, theirs or both.
function clash(f, r, box) {
  const n = $('#heurt').content.firstElementChild.cloneNode(true);
  f.dataset.clash = '1';
  n.dataset.clash = f.dataset.field;
  $('[data-by]', n).textContent = r.by ?? '';
  const word = isChoice(f) && radios(f).find(x => x.value === r.stored)?.labels[0].textContent;
  $('[data-theirs]', n).textContent = trim(word || r.stored) || '–';
  if (!f.matches('textarea')) $('[data-take=both]', n).remove();
  n.addEventListener('click', e => {
    const take = e.target.closest('[data-take]')?.dataset.take;
    if (!take) return;
    const mine = valueOf(f);
    setBase(f, r.stored);
    setValue(f, take === 'mine' ? mine : take === 'theirs' ? r.stored : `${trim(r.stored)}\n${mine}`);
    delete f.dataset.clash;
    n.remove();
    keep(f);
    (isChoice(f) ? radios(f).find(x => x.checked) ?? f : f).focus();
    save();
  });
  $$('[data-clash]', box).forEach(x => x.matches('.notice') && x.remove());
  box.append(n);
}
// A page that comes, or comes back: rows that are being made get a name, and what could not leave stands in its field again.
function begin() {
  const f = form(), asked = f ? null : $('#fiche:not([data-autosave])');
  if (asked) Object.keys(sessionStorage).filter(k => k.startsWith(`rcp:${asked.dataset.who}:${asked.getAttribute('action')}:`)).forEach(k => sessionStorage.removeItem(k)); // its fields hold what was typed
  if (!f) return;
  $$('[data-row]', f).forEach(keyRow);
  const start = keyOf('');
  for (const k of Object.keys(sessionStorage)) {
    if (k.startsWith('rcp:') && !k.startsWith(`rcp:${f.dataset.who}:`)) sessionStorage.removeItem(k); // somebody else's
    if (!k.startsWith(start)) continue;
    const name = k.slice(start.length), kept = JSON.parse(sessionStorage.getItem(k)), x = fieldNamed(f, name);
    if (!x) continue;
    if (trim(baseOf(x)) === trim(kept.value)) { sessionStorage.removeItem(k); continue; }
    setBase(x, kept.base);
    setValue(x, kept.value);
  }
  if (unsent().length) saveSoon(0);
}
function keyRow(row) {
  row.dataset.key ??= Date.now().toString(36) + Math.random().toString(36).slice(2);
  fieldsOf(row).forEach(x => { if (x.dataset.field) x.dataset.field = x.dataset.field.replace('//', `/${row.dataset.key}/`); });
}
function fieldNamed(f, name) {
  const at = () => autos(f).find(x => x.dataset.field === name);
  const [kind, key] = name.split('/');
  if (at() || !key) return at();
  const row = $$('[data-row]', f).find(r => isEmpty(r) && $('[data-field]', r).dataset.field.startsWith(kind + '/'));
  if (row?.matches('details')) row.open = true;
  if (row) fieldsOf(row).forEach(c => { c.dataset.field = c.dataset.field.replace(/\/.*\//, `/${key}/`); });
  return at();
}
const written = e => form()?.contains(e.target) && e.target.dataset.field && (isChoice(e.target) ? radios(e.target)[0] : e.target);
document.addEventListener('input', e => {
  const f = written(e);
  if (!f) return;
  keep(f);
  if (f.matches('textarea') || f.dataset.field.endsWith('/title')) saveSoon(600);
});
document.addEventListener('change', e => { const f = written(e); if (f) { keep(f); saveSoon(0); } });
document.addEventListener('focusout', e => { if (written(e)) { saveSoon(0); refreshSoon(false); } });
addEventListener('beforeunload', e => { if (waiting && unsent().length) e.preventDefault(); }); // a reload keeps it, a closed tab would not
function leave() { const list = unsent(); if (list.length) navigator.sendBeacon(form().getAttribute('action') + '/fields', params(list)); }

// Everything was saved already: the form then only goes on.
document.addEventListener('submit', async e => {
  if (e.target.matches('form[action="/sign-out"]')) return sessionStorage.clear();
  const f = e.target, by = e.submitter;
  if (f !== form()) return;
  e.preventDefault();
  if (saving) await saving;
  if (!await save()) return;
  const c = $('[data-clash].notice', f);
  if (c) return $('button', c).focus();
  const rest = fieldsOf(f).some(x => !x.dataset.field && dirty(x)) || by?.value === 'more';
  const add = (name, value) => f.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
  if (!rest && !unsent().length) add('saved', '1');
  if (by?.name) add(by.name, by.value); // the button itself may have been put anew meanwhile
  f.submit();
});
KEYS.p = () => ($('#presences form button') ?? $('#presences a'))?.focus();
KEYS['+'] = () => $('[data-dialog=d-add]')?.click();
KEYS.o = () => { const d = $('.newobj:last-of-type'); if (d) { d.open = true; $('input', d).focus(); } };

document.addEventListener('DOMContentLoaded', () => { begin(); connect(); });
document.addEventListener('htmx:afterSettle', () => { if ((root()?.dataset.live ?? '') !== address) connect(); });
