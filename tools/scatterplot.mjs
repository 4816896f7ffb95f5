// Builds the Map's drawing library into one file, with its source map and licences:
// node tools/scatterplot.mjs, or npm run scatterplot. The versions are those of package-lock.json.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const FOLDER = "searcher/ui/static/map";
const FILE = `${FOLDER}/scatterplot.js`;
const ENTRY = 'export { default, createRenderer } from "regl-scatterplot";';

await build({
  stdin: { contents: ENTRY, resolveDir: ".", sourcefile: "scatterplot.mjs" },
  outfile: FILE,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  sourcemap: true,
  legalComments: "eof",
});

// The package has some of its dependencies in its own file, so all of them are named.
const packages = new Map();
const collect = (name) => {
  if (packages.has(name)) return;
  const folder = `node_modules/${name}`;
  const {
    version,
    license,
    dependencies = {},
  } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, "utf8").trim() : `Licence: ${license}`;
  packages.set(name, `${name} ${version}\n\n${text}\n`);
  for (const dependency of Object.keys(dependencies)) collect(dependency);
};
collect("regl-scatterplot");
const notices = [...packages.keys()].sort().map((name) => packages.get(name));
writeFileSync(`${FOLDER}/scatterplot.LICENSES.txt`, notices.join(`\n${"-".repeat(72)}\n\n`));
