// Suggestions under a field, as a combobox of ARIA 1.2 (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/): the keyboard does all,
// and the field is a plain one where this is not there.
//
//   <input data-suggest>                       opens the page of what is chosen
//   <input data-suggest="value" name="country"> sends what is chosen: its CURIE, while the reader sees its name
//   attach(input, { look, chosen })            suggests what look(text) gives, and hands what is chosen to chosen(hit)
//   data-kind, data-class                      narrow what is suggested; data-called is the name of the value that stands in the field
const WAIT = 110; // milliseconds without a key before the server is asked
const LIMIT = 8;
const SVG = 'http://www.w3.org/2000/svg';
const kept = new Map();
let count = 0;

export function attach(input, { look = null, chosen = null } = {}) {
  if (input.dataset.suggesting) return;
  input.dataset.suggesting = 'yes';
  const id = `suggestions-${(count += 1)}`;
  const valued = input.dataset.suggest === 'value';
  const hadFocus = document.activeElement === input;
  const frame = document.createElement('span');
  frame.className = 'suggesting';
  input.replaceWith(frame);
  const list = document.createElement('ul');
  list.id = id;
  list.role = 'listbox';
  list.hidden = true;
  list.setAttribute('aria-label', input.labels?.[0]?.textContent.trim() || input.getAttribute('aria-label') || 'Suggestions');
  const status = document.createElement('span');
  status.className = 'unseen';
  status.role = 'status';
  frame.append(input, list, status);
  if (hadFocus) input.focus();
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id, autocomplete: 'off' })) input.setAttribute(name, value);

  // What is sent is kept apart from what is seen: a CURIE there, a name here.
  let sent = null;
  if (valued) {
    sent = document.createElement('input');
    sent.type = 'hidden';
    sent.name = input.name;
    sent.value = input.value;
    input.removeAttribute('name');
    if (input.dataset.called) input.value = input.dataset.called;
    frame.append(sent);
  }

  let hits = [];
  let listed = null; // the words that the options belong to
  let asking = null; // the words that are being asked for
  let waiting = []; // keys pressed before the options of the present words were there
  let active = -1;
  let timer = 0;
  let request = null;

  const words = () => input.value.trim();
  const forget = () => {
    clearTimeout(timer);
    request?.abort();
    asking = null;
    waiting = [];
  };
  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const point = (to) => {
    list.children[active]?.setAttribute('aria-selected', 'false');
    active = to;
    const option = list.children[active];
    if (!option) return input.removeAttribute('aria-activedescendant');
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', option.id);
  };
  const choose = (hit) => {
    close();
    if (chosen) {
      input.value = '';
      return chosen(hit);
    }
    if (!valued) return location.assign(hit.page);
    input.value = hit.name;
    sent.value = hit.curie;
    sent.dispatchEvent(new Event('change', { bubbles: true }));
  };
  const show = (found) => {
    hits = found;
    list.replaceChildren(...found.map((hit, place) => option(hit, `${id}-${place}`)));
    point(-1);
    list.hidden = found.length === 0 || document.activeElement !== input;
    input.setAttribute('aria-expanded', String(!list.hidden));
    status.textContent = words() ? String(found.length) : '';
  };
  const suggested = async (text, signal) => {
    const asked = new URLSearchParams({ q: text.slice(0, 200), limit: LIMIT, lang: document.documentElement.lang });
    for (const name of ['kind', 'class']) if (input.dataset[name]) asked.set(name, input.dataset[name]);
    const address = `/api/suggest.json?${asked}`;
    if (!kept.has(address)) {
      const answer = await fetch(address, { signal });
      if (!answer.ok) throw new Error(String(answer.status));
      if (kept.size > 200) kept.clear();
      kept.set(address, await answer.json());
    }
    return kept.get(address);
  };
  const ask = async () => {
    clearTimeout(timer);
    request?.abort();
    const own = (request = new AbortController());
    const text = (asking = words());
    let found = null;
    try {
      found = text ? await (look ?? suggested)(text, own.signal) : [];
    } catch {
      // The list stays empty, and the next key asks again.
    }
    if (own !== request || own.signal.aborted) return;
    asking = null;
    listed = found && text;
    show(found ?? []);
    for (const key of waiting.splice(0)) press(key);
  };
  const press = (key) => {
    if (key === 'Enter') return hits[active] ? choose(hits[active]) : input.form?.requestSubmit();
    if (list.hidden) show(hits);
    // One place more than there are options: there the reader's own words stand.
    const places = hits.length + 1;
    point(((active + 1 + (key === 'ArrowDown' ? 1 : places - 1)) % places) - 1);
  };

  input.addEventListener('input', (event) => {
    if (sent) sent.value = input.value;
    if (event.isComposing) return;
    point(-1);
    forget();
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp' || (event.key === 'Enter' && waiting.length)) {
      event.preventDefault();
      if (listed === words()) return press(event.key);
      // What is listed belongs to words that have changed since: the key waits for the list of those that stand there now.
      waiting.push(event.key);
      if (asking !== words()) ask();
    } else if (event.key === 'Enter' && !list.hidden && active >= 0) {
      event.preventDefault();
      choose(hits[active]);
    } else if (event.key === 'Enter') {
      forget();
    } else if (event.key === 'Escape' && (!list.hidden || waiting.length)) {
      event.preventDefault();
      forget();
      close();
    } else if (event.key === 'Tab') {
      close();
    }
  });
  input.addEventListener('blur', () => {
    waiting = [];
    close();
  });
  list.addEventListener('pointerdown', (event) => {
    const option = event.target.closest('li');
    event.preventDefault();
    if (option && event.button === 0) choose(hits[[...list.children].indexOf(option)]);
  });
  // What was typed before this was here.
  if (document.activeElement === input && input.value !== input.defaultValue && input.value !== input.dataset.called) ask();
}

function option(hit, id) {
  const line = document.createElement('li');
  line.id = id;
  line.role = 'option';
  line.setAttribute('aria-selected', 'false');
  const name = document.createElement('span');
  name.className = 'said-name';
  name.textContent = hit.name;
  if (hit.language) name.lang = hit.language;
  const note = document.createElement('small');
  note.textContent = hit.reason ?? hit.called;
  line.append(mark(hit), name, note);
  return line;
}

function mark({ kind, shape }) {
  const drawing = document.createElementNS(SVG, 'svg');
  drawing.setAttribute('class', `mark kind-${kind}`);
  drawing.setAttribute('viewBox', '0 0 12 12');
  drawing.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', shape);
  drawing.append(path);
  return drawing;
}
