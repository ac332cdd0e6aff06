// /explore: the drawing, its filters, its table and its panel, all of one session whose state is the address.
import { page, t, number } from './lib/explore/words.js';
import { parse } from './lib/explore/state.js';
import { Session } from './lib/explore/session.js';
import { Stage } from './lib/explore/stage.js';
import { Facets } from './lib/explore/facets.js';
import { Panel } from './lib/explore/panel.js';
import { Table } from './lib/explore/table.js';
import { tools } from './lib/explore/tools.js';

const find = (id) => document.getElementById(id);
begin();

async function begin() {
  const session = new Session(parse(location.search), null);
  const say = (text, fault = false) => {
    find('x-said').textContent = text;
    find('x-note').textContent = text;
    find('x-note').classList.toggle('x-wrong', fault);
  };
  session.addEventListener('say', ({ detail }) => say(detail.text, detail.fault));
  session.addEventListener('busy', ({ detail }) => find('x-canvas').setAttribute('aria-busy', String(detail)));
  const does = {};
  const stage = new Stage(find('x-canvas'), session, does);
  const panel = new Panel(find('x-panel'), session, does);
  new Table(find('x-table'), session, does);
  new Facets(find('x-facets'), session);
  Object.assign(does, {
    say,
    undo: () => session.undo(),
    redo: () => session.redo(),
    async open(id, relation, direction) {
      const opening = relation ? `${id}~${relation}~${direction}` : id;
      if (session.state.open.includes(opening) && !session.state.most) return say(t('This is open already.'));
      const before = session.shown.nodes.length;
      const most = session.state.most && Number(session.state.most) < before + 40 ? '' : session.state.most;
      const done = await session.change({ open: [...new Set([...session.state.open, opening])], most });
      return !done || session.view.refused ? undefined : say(t('{n} more things, {total} in all.', { n: Math.max(0, session.shown.nodes.length - before), total: session.shown.nodes.length }));
    },
    hide: (id) => {
      session.change({ hide: [...session.state.hide, id], select: '' });
      say(t('{name} is hidden; Backspace brings it back.', { name: session.node(id)?.name ?? id }));
    },
    pin: (id) => {
      const on = session.state.pin.includes(id);
      session.change({ pin: on ? session.state.pin.filter((each) => each !== id) : [...session.state.pin, id] });
      panel.node(id);
      say(on ? t('unpinned') : t('pinned'));
    },
    begin: (id) => location.assign(`${location.pathname}?start=${encodeURIComponent(id)}`),
    path: (id) => tool.path(id),
    find: () => find('x-find').focus(),
    help: () => find('x-help').showModal(),
    go: (id) => stage.select(id, { center: true }),
    read: (id) => stage.select(typeof id === 'string' ? id : id.id(), { center: false }),
    leave: () => stage.select(''),
    selected(id) {
      session.note({ select: id });
      if (!id) return panel.clear();
      return session.node(id) ? panel.node(id) : panel.edge(id);
    },
    showPath: (edges, words) => panel.path(edges, words),
    load: async (search) => {
      stage.restore = true;
      await session.change(parse(search));
      say(t('The saved view is drawn.'));
    },
  });
  const tool = tools(session, stage, does);
  session.addEventListener('show', () => {
    const { nodes, drawn } = session.shown;
    find('x-count').textContent = t('{nodes} things, {edges} relations', { nodes: number(nodes.length), edges: number(drawn.length) });
    tool.refused(session.view);
  });
  session.view = page.view;
  try {
    session.view ??= await session.look(session.state);
  } catch (fault) {
    return say(fault.message, true);
  }
  // What the server took for granted (a start is opened, so many are shown) is from now on said by the address.
  const { state } = session.view;
  Object.assign(session.state, { open: state.open, most: state.most });
  if (!(session.state.question || session.state.query)) session.state.start = state.start;
  session.take(session.view);
  stage.restore = Boolean(session.state.at);
  await stage.first();
  session.show();
  document.documentElement.classList.add('scripted'); // what needs the script is shown
  if (!session.state.select && state.start.length === 1) panel.node(state.start[0]);
  await stage.ready;
  const [best] = session.view.paths;
  if (best && !session.state.select) panel.path(stage.follow(best.edges), best.words);
  document.documentElement.dataset.explore = 'ready';
  performance.mark('explore-ready');
}
