// What every page has beyond the page itself: suggestions in search fields, the theme without a reload, `/` for the search box, unfolded evidence in print.
const THEMES = ['auto', 'light', 'dark'];
const YEAR = 31_536_000;

const button = document.querySelector('a.theme');
button?.addEventListener('click', (event) => {
  event.preventDefault();
  const next = THEMES[(THEMES.indexOf(button.dataset.now) + 1) % THEMES.length];
  button.dataset.now = next;
  button.querySelector('[aria-live]').textContent = button.dataset.names.split('|')[THEMES.indexOf(next)];
  if (next === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  document.cookie = `theme=${next}; path=/; max-age=${YEAR}; samesite=lax`;
});

document.addEventListener('keydown', (event) => {
  const writing = event.target.closest?.('input, textarea, select, [contenteditable]');
  if (event.key !== '/' || writing || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = document.querySelector('input[name="q"]');
  if (!box) return;
  event.preventDefault();
  box.focus();
});

let closed = [];
addEventListener('beforeprint', () => {
  closed = [...document.querySelectorAll('details:is(.evidence, .rest):not([open], .query, td.rests *, .term *)')];
  for (const each of closed) each.open = true;
  const address = document.getElementById('this-address');
  if (address) address.textContent = location.href;
});
addEventListener('afterprint', () => {
  for (const each of closed) each.open = false;
});

// Suggestions come with the first field that is used.
document.addEventListener('focusin', async ({ target }) => {
  if (target.matches?.('input[data-suggest]')) (await import('./lib/combobox.js')).attach(target);
});
if (document.activeElement?.matches('input[data-suggest]')) import('./lib/combobox.js').then(({ attach }) => attach(document.activeElement));
