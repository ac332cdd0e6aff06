// The drawing for other uses: SVG and PNG with title, legend and source line; data from the server; a text to cite the view by.
import { colours } from './drawing.js';
import { kindName, page, t } from './words.js';

const FONT = 'Inter, system-ui, sans-serif';
const escape = (text) => String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

// The whole drawing as it stands, all names that are placed at present, as vectors.
export function svg(drawing, labels, session, title) {
  const { cy } = drawing;
  const c = colours();
  const zoom = cy.zoom();
  const box = cy.elements(':visible').renderedBoundingBox();
  const [left, top] = [box.x1 - 90, box.y1 - 70];
  const wide = Math.max(560, Math.ceil(box.w + 180));
  const kinds = [...new Set(session.shown.nodes.map((node) => (page.shapes[node.kind] ? node.kind : 'thing')))];
  const legend = 20 * Math.ceil(kinds.length / Math.floor(wide / 190)) + 14;
  const high = Math.ceil(box.h + 130 + legend + 44);
  const at = (point) => `${(point.x - left).toFixed(1)} ${(point.y - top).toFixed(1)}`;
  const marker = (id, colour) => `<marker id="${id}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 .6L8 4L0 7.4z" fill="${colour}"/></marker>`;
  const edges = cy.edges(':visible').map((edge) => {
    const [a, b, m] = [edge.renderedSourceEndpoint(), edge.renderedTargetEndpoint(), edge.renderedMidpoint()];
    const bend = { x: 2 * m.x - (a.x + b.x) / 2, y: 2 * m.y - (a.y + b.y) / 2 };
    const on = edge.hasClass('on') || edge.selected();
    return `<path d="M${at(a)}Q${at(bend)} ${at(b)}" fill="none" stroke="${on ? c.sea : c.edge}" stroke-width="${((on ? 3 : edge.data('width')) * Math.min(1, zoom)).toFixed(2)}"${edge.data('asserted') ? '' : ' stroke-dasharray="6 4"'} opacity="${edge.hasClass('dim') ? 0.2 : 1}" marker-end="url(#${on ? 'on' : 'end'})"/>`;
  });
  const shape = (kind, x, y, size) => `<path fill="${c.kinds[kind]}" fill-rule="evenodd" stroke="${c.paper}" stroke-width=".5" transform="translate(${(x - size / 2).toFixed(1)} ${(y - size / 2).toFixed(1)}) scale(${(size / 12).toFixed(3)})" d="${page.shapes[kind]}"/>`;
  const nodes = cy.nodes(':visible').map((node) => {
    const { x, y } = node.renderedPosition();
    return `<g opacity="${node.hasClass('dim') ? 0.2 : 1}"><title>${escape(node.data('name'))}</title>${shape(node.data('kind'), x - left, y - top, node.data('size') * zoom)}</g>`;
  });
  const names = [...labels.places].map(([id, place]) => {
    const node = cy.getElementById(id);
    if (node.empty() || !node.visible()) return '';
    const { x, y } = node.renderedPosition();
    const anchor = { left: 'start', right: 'end', center: 'middle' }[place.align];
    return place.lines.map((line, order) => `<text x="${(x + place.x - left).toFixed(1)}" y="${(y + place.y - top + 11 + order * 14.5).toFixed(1)}" text-anchor="${anchor}" opacity="${node.hasClass('dim') ? 0.2 : 1}">${escape(line)}</text>`).join('');
  });
  const perRow = Math.floor(wide / 190);
  const below = high - legend - 44;
  const key = kinds.map((kind, order) => `${shape(kind, 30 + (order % perRow) * 190, below + 20 * Math.floor(order / perRow), 11)}<text class="n" x="${42 + (order % perRow) * 190}" y="${below + 4 + 20 * Math.floor(order / perRow)}">${escape(kindName(kind))}</text>`);
  const source = citation(session, title).split('\n')[0];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" font-family="${FONT}" font-size="12.5"><style>text{fill:${c.ink};stroke:${c.paper};stroke-width:4px;stroke-linejoin:round;paint-order:stroke}.n{stroke-width:0}</style><defs>${marker('end', c.edge)}${marker('on', c.sea)}</defs><rect width="100%" height="100%" fill="${c.paper}"/><text class="n" x="24" y="34" font-size="20" font-weight="600" font-family="'Source Serif 4', Georgia, serif">${escape(title)}</text>${edges.join('')}${nodes.join('')}${names.join('')}${key.join('')}<text class="n" x="24" y="${high - 18}" font-size="11" fill-opacity=".75">${escape(source.slice(0, Math.floor(wide / 5.6)))}</text></svg>`;
}

export async function png(text) {
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await picture.decode();
  const scale = Math.min(2, 8000 / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = picture.width * scale;
  canvas.height = picture.height * scale;
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/png'));
}

// Title, date, release, address, and the documents that the drawing draws upon.
export function citation(session, title) {
  const { view, shown } = session;
  const used = [...new Set(shown.edges.flatMap((edge) => edge.documents))].sort();
  const day = new Date().toISOString().slice(0, 10);
  return [
    `${title}. mikg, ${t('release {release}, seen on {day}', { release: view.release, day })}. ${location.href}`,
    used.length ? `${t('Drawn from')}: ${used.map((key) => view.names.document[key] ?? key).join('; ')}.` : '',
  ].filter(Boolean).join('\n');
}

export function save(content, name, type) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
