// Bundle the scripts and styles of the pages into the folder named as the first argument, packed, with the licences of what is in them.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import subsetFont from 'subset-font';

// The letters of the type, for English, Spanish and the names of the region, its weights, and how letters go together;
// others come from the reader's machine.
const ASCII = String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 32 + i));
const LETTERS = `${ASCII}¡¿«»°·ªº§©®ÁÉÍÓÚÜÑÇÃÕÂÊÔÀÈÌÒÙÏËÖÄáéíóúüñçãõâêôàèìòùïëöäßøåæ€£¥±×÷≈≤≥–—‘’“”…•→←↑↓−″′½¼¾²³¹`;
const WEIGHTS = { inter: { min: 400, max: 600 }, 'source-serif-4': { min: 400, max: 600 } };
const TOGETHER = ['kern', 'mark', 'mkmk', 'ccmp', 'locl', 'liga', 'tnum'];
const type = {
  name: 'type',
  setup(bundle) {
    bundle.onLoad({ filter: /\.woff2$/ }, async ({ path }) => {
      const family = Object.keys(WEIGHTS).find((name) => path.includes(`${name}-latin-wght`));
      const variationAxes = family && { wght: WEIGHTS[family] };
      const contents = await subsetFont(await readFile(path), LETTERS, { targetFormat: 'woff2', variationAxes, keepFeatures: TOGETHER });
      return { contents, loader: 'file' };
    });
  },
};

// Cytoscape from its sources, without what nothing here uses: a fifth of the largest script. What stays is as it is published.
const UNUSED = /cytoscape\/src\/(collection\/algorithms\/(?!index|a-star|bfs-dfs)[\w-]+|extensions\/layout\/(breadthfirst|circle|concentric|cose|random)|extensions\/renderer\/canvas\/webgl\/[\w-]+)\.mjs$/;
const lean = {
  name: 'lean',
  setup(bundle) {
    bundle.onResolve({ filter: /^cytoscape$/ }, () => ({ path: resolve('node_modules/cytoscape/src/index.mjs') }));
    bundle.onLoad({ filter: /cytoscape\/src\/.*\.mjs$/ }, ({ path }) => (UNUSED.test(path) ? { contents: 'export default function () {}' } : undefined));
  },
};

const out = process.argv[2];
const entries = Object.fromEntries(
  (await readdir('js')).filter((name) => name.endsWith('.js')).map((name) => [name.slice(0, -3), join('js', name)]),
);
const { metafile } = await build({
  entryPoints: { ...entries, style: 'css/style.css' },
  bundle: true,
  minify: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  outdir: out,
  entryNames: '[name]',
  chunkNames: 'chunks/[name]-[hash]',
  assetNames: 'fonts/[name]-[hash]',
  plugins: [type, lean],
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.VERSION': '""' },
  legalComments: 'none',
  metafile: true,
});

// Each bundled package with its licence text.
const packages = new Set();
for (const input of Object.keys(metafile.inputs)) {
  const found = input.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/);
  if (found) packages.add(found[1]);
}
const notices = [];
for (const name of [...packages].sort()) {
  const folder = join('node_modules', name);
  const { version, license } = JSON.parse(await readFile(join(folder, 'package.json')));
  const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? await readFile(join(folder, file), 'utf8') : 'The package comes without a licence text.\n';
  notices.push(`${name} ${version}: ${license}\n\n${text.trim()}\n`);
}
await writeFile(join(out, 'THIRD-PARTY.txt'), notices.join(`\n${'-'.repeat(80)}\n\n`));

// Packed once, here, and served as they are.
for (const name of await readdir(out, { recursive: true })) {
  if (!/\.(js|css|txt)$/.test(name)) continue;
  const bytes = await readFile(join(out, name));
  await writeFile(join(out, `${name}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  await writeFile(join(out, `${name}.gz`), gzipSync(bytes, { level: 9 }));
}
