// What the pages need beyond HTML and htmx: dialogs, keys, reordering, toasts.
// One external file (script-src 'self'), no inline handler, no dependency; behind each gesture stands a form.
const $ = (s, e = document) => e.querySelector(s), $$ = (s, e = document) => [...e.querySelectorAll(s)];

// One dialog serves every row: its form and its title take what the opener says.
function fill(dialog, { action, name }) {
  if (action) $('form', dialog).action = action;
  if (name) $('[data-who]', dialog).textContent = name;
}

document.addEventListener('click', e => {
  const opener = e.target.closest('[data-dialog]'), closer = e.target.closest('[data-close]');
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog) { e.preventDefault(); e.stopPropagation(); fill(dialog, opener.dataset); dialog.showModal(); }
  }
  if (closer) { e.preventDefault(); closer.closest('dialog')?.close(); }
  if (e.target.closest('[data-print]')) print();
  const dismiss = e.target.closest('.toast [type=button]');
  if (dismiss) dismiss.closest('.toast').remove();
}, true); // before htmx: a link that opens a dialog is not followed

// A dialog that opens with the page (a refused form in it) is shown as one.
const openDialogs = () => $$('dialog[data-open]').forEach(d => { d.removeAttribute('data-open'); d.close(); d.showModal(); });
document.addEventListener('DOMContentLoaded', openDialogs);
document.addEventListener('htmx:afterSettle', openDialogs);

// A form that must not leave twice.
document.addEventListener('submit', e => {
  if (e.target.matches('[data-once]')) {
    if (e.target.ariaBusy === 'true') return e.preventDefault();
    e.target.ariaBusy = 'true';
  }
});

// Keys. One letter works only outside fields, and can be switched off (WCAG 2.1.4): <body data-keys="off">.
const focusOn = s => { const x = $(s); x?.focus(); x?.setSelectionRange?.(x.value.length, x.value.length); };
const KEYS = {
  '/': () => focusOn('[type=search]'), '?': () => $('#aide')?.showModal(),
  d: () => focusOn('#decision'), a: () => focusOn('.edit tr:last-child input'), p: () => $('#presences')?.scrollIntoView(),
  n: () => $('.casehead .primary')?.click(), r: () => $('.casehead [data-dialog]')?.click(),
  j: () => step(1), k: () => step(-1),
};
function step(by) {
  const all = $$('.obj'), at = all.findIndex(o => o.ariaCurrent), to = all[Math.max(0, Math.min(all.length - 1, at + by))];
  if (!to) return;
  all.forEach(o => o.removeAttribute('aria-current'));
  to.ariaCurrent = 'true';
  ($('input:checked', to) ?? $('input', to)).focus();
}
document.addEventListener('keydown', e => {
  if (e.altKey || e.ctrlKey || e.metaKey || $('dialog[open]')) return;
  const field = e.target.matches('textarea, select, input:not([type=radio], [type=checkbox])');
  if (e.key === 'Escape' && field) return e.target.blur();
  if (field || document.body.dataset.keys === 'off') return;
  const verdict = '12345'.includes(e.key) && $('.obj[aria-current] .seg');
  if (verdict) { e.preventDefault(); $$('input', verdict)[e.key - 1].click(); return step(1); }
  const row = e.target.closest('.case');
  if (row && 'er'.includes(e.key)) { $(e.key === 'e' ? '[aria-pressed]' : '[data-dialog]', row)?.click(); return; }
  const act = KEYS[e.key.toLowerCase()];
  if (act) { e.preventDefault(); act(); }
});

// Reordering: drag the handle, or Alt and an arrow on it, or Monter and Descendre, which are forms. The rows hold the
// order form's fields: what is sent is the order on the screen, and the server answers with the recomputed list.
const rows = list => $$(':scope > .case', list);
let settling;
function send(list) {
  clearTimeout(settling);
  settling = setTimeout(() => document.getElementById('ordre')?.requestSubmit(), 500);
}
function settle(row) {
  const all = rows(row.parentElement);
  all.forEach((r, i) => { $('.rank', r).textContent = i + 1; });
  row.classList.remove('drag');
  const live = $('#rang');
  if (live) live.textContent = live.dataset.say.replace('{0}', $('.name a', row).textContent).replace('{1}', all.indexOf(row) + 1).replace('{2}', all.length);
}
function move(row, by) {
  const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other?.matches('.case')) return false;
  const moved = $('#ordre [name=moved]'), id = $('[name=case]', row).value;
  moved.value = moved.value && moved.value !== id ? '-' : id; // two rows moved: the whole order counts
  by < 0 ? row.after(other) : row.before(other); // the row itself stays: moving it would drop focus and capture
  settle(row);
  return true;
}
document.addEventListener('keydown', e => {
  const by = { ArrowUp: -1, ArrowDown: 1 }[e.key];
  if (!e.altKey || !by || !e.target.matches('.grip')) return;
  e.preventDefault();
  const row = e.target.closest('.case');
  if (move(row, by)) send(row.parentElement);
});
document.addEventListener('pointerdown', e => {
  const grip = e.target.closest('.grip'), row = grip?.closest('.case');
  if (!row) return;
  let moved = false;
  grip.setPointerCapture(e.pointerId);
  row.classList.add('drag');
  const drag = ev => {
    const { top, bottom } = row.getBoundingClientRect();
    if (ev.clientY < top) moved = move(row, -1) || moved; else if (ev.clientY > bottom) moved = move(row, 1) || moved; else return;
    row.classList.add('drag');
  };
  grip.addEventListener('pointermove', drag);
  grip.addEventListener('lostpointercapture', () => {
    grip.removeEventListener('pointermove', drag);
    settle(row);
    if (moved) send(row.parentElement);
  }, { once: true });
});
