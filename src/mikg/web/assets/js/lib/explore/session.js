// One session of exploring: the state, what the server gave for it, undo and redo.
import { page, t } from './words.js';
import { LONGEST, address, search } from './state.js';
import { drawn, visible } from './filters.js';

const ASKED = ['start', 'open', 'status', 'most', 'question', 'query', 'from', 'to'];

export class Session extends EventTarget {
  constructor(state, view) {
    super();
    Object.assign(this, { state, view, past: [], future: [], kept: new Map(), turn: 0 });
    if (view) this.take(view);
  }

  // What the server is asked for: a filter only where the server had to apply it.
  key(state, narrowed = false) {
    const parts = narrowed ? [...ASKED, 'no', 'since', 'until', 'undated', 'hide'] : ASKED;
    const bare = { given: state.given, start: [] };
    for (const name of parts) bare[name] = state[name];
    return search(bare);
  }

  // What is drawn from now on, and for which state.
  take(view) {
    this.view = view;
    this.drawnFor = this.key(this.state, view.narrowed);
    this.kept.set(this.drawnFor, view);
    if (this.kept.size > 20) this.kept.delete(this.kept.keys().next().value);
  }

  async change(patch) {
    const { state: before, future } = this;
    // Counted before the server answers: a change that follows at once is a step of its own.
    this.past.push(before);
    this.future = [];
    const reached = await this.go({ ...before, ...patch });
    if (reached === false) {
      this.past.splice(this.past.lastIndexOf(before), 1);
      this.future = future;
    }
    if (this.past.length > 200) this.past.shift();
    this.dispatchEvent(new CustomEvent('steps'));
    return reached === true;
  }

  async undo() {
    await this.step(this.past, this.future, t('Nothing to undo.'), t('Undone.'));
  }

  async redo() {
    await this.step(this.future, this.past, t('Nothing to redo.'), t('Done again.'));
  }

  async step(from, onto, nothing, done) {
    if (!from.length) return this.say(nothing);
    const before = this.state;
    const next = from.pop();
    onto.push(before);
    const reached = await this.go(next);
    if (reached === false) {
      onto.splice(onto.lastIndexOf(before), 1);
      from.push(next);
    }
    this.dispatchEvent(new CustomEvent('steps'));
    return reached ? this.say(done) : undefined;
  }

  // Whether the state could be reached; null where a later step has been taken on top of it.
  async go(next) {
    const before = this.state;
    const mine = ++this.turn;
    this.state = next;
    const key = this.key(next, this.view?.narrowed);
    if (!this.view || this.drawnFor !== key) {
      try {
        const view = this.kept.get(key) ?? (await this.look(next));
        if (mine !== this.turn) return null;
        this.take(view);
      } catch (fault) {
        if (mine !== this.turn) return null;
        this.state = before;
        this.say(fault.message, true);
        return false;
      }
    }
    this.show(before);
    return true;
  }

  async look(state) {
    const asked = this.key(state, true);
    return asked.length > LONGEST ? this.ask('/api/explore/view.json', new URLSearchParams(asked)) : this.ask(`/api/explore/view.json?${asked}`);
  }

  show(before = null) {
    this.shown = visible(this.view, this.state);
    this.shown.drawn = drawn(this.shown.edges);
    this.dispatchEvent(new CustomEvent('show', { detail: { before } }));
    this.write();
  }

  // Positions and selection change often: they go into the address without a step to undo.
  note(patch) {
    this.state = { ...this.state, ...patch };
    this.write();
  }

  write() {
    const { text, cut } = address(this.state);
    if (text) history.replaceState(null, '', text);
    this.dispatchEvent(new CustomEvent('address', { detail: { cut } }));
  }

  async ask(path, body = null) {
    this.dispatchEvent(new CustomEvent('busy', { detail: true }));
    try {
      const answer = await fetch(path + (path.includes('?') ? '&' : '?') + `lang=${page.language ?? 'en'}`, { method: body ? 'POST' : 'GET', body, headers: { Accept: 'application/json' } });
      if (!answer.ok) {
        const told = await answer.text();
        throw new Error(answer.headers.get('Content-Type')?.includes('json') ? JSON.parse(told).detail : told.trim().slice(0, 500));
      }
      return await answer.json();
    } catch (fault) {
      throw fault instanceof TypeError ? new Error(t('The server cannot be reached; what is drawn stays.')) : fault;
    } finally {
      this.dispatchEvent(new CustomEvent('busy', { detail: false }));
    }
  }

  say(text, fault = false) {
    this.dispatchEvent(new CustomEvent('say', { detail: { text, fault } }));
  }

  node(id) {
    return this.view.nodes.find((each) => each.id === id);
  }

  edge(id) {
    return this.shown.drawn.find((each) => each.statements.some((statement) => statement.id === id));
  }
}
