// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the snippets hold template literals
/**
 * What cells become: every snippet with its exact TypeScript. One without a second text is TypeScript already and must stay as it is.
 * `M` stands for the name behind which the magics are, `COMMAND(name,` and `TABLE` for the names of the library's types.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CellOffsets, lineAndColumn } from '../../../src/kernel/cell-offsets';
import { syntaxOf } from '../../../src/magics/load-magics';
import { magicTable } from '../../../src/magics/magic-table';
import { applyEdits, scanCell } from '../../../src/magics/scan/scan-cell';
import { seededRandom } from '../../../src/util/random';

type Snippet = readonly [source: string, code?: string];

const snippets: Record<string, readonly Snippet[]> = {
  'line magics': [
    ['%who', 'await M.line.who([]);'],
    ['  %who', '  await M.line.who([]);'],
    ['\t%who', '\tawait M.line.who([]);'],
    ['\n\n%who', '\n\nawait M.line.who([]);'],
    ['%who\n', 'await M.line.who([]);\n'],
    ['%who\n1 + 1', 'await M.line.who([]);\n1 + 1'],
    ['1 + 1;\n%who', '1 + 1;\nawait M.line.who([]);'],
    ['1 + 1\n%who', '1 + 1\nawait M.line.who([]);'],
    ['const a = 1\n%who\nconst b = 2', 'const a = 1\nawait M.line.who([]);\nconst b = 2'],
    ['%who;', 'await M.line.who([]);'],
    ['%who ;  ', 'await M.line.who([]);'],
    ['%who // all of them', 'await M.line.who([]);'],
    ['%who\n%whos\n%pwd', 'await M.line.who([]);\nawait M.line.whos([]);\nawait M.line.pwd([]);'],
    ['%cd data', 'await M.line.cd(["data"]);'],
    ['%cd data/m481', 'await M.line.cd(["data/m481"]);'],
    ['%cd "my cells"', 'await M.line.cd(["my cells"]);'],
    ["%cd 'my cells'", 'await M.line.cd(["my cells"]);'],
    ['%cd my\\ cells', 'await M.line.cd(["my cells"]);'],
    ['%cd ~/crops // comment', 'await M.line.cd(["~/crops"]);'],
    ['%cd http://x', 'await M.line.cd(["http://x"]);'],
    ['%cd {folder}', 'await M.line.cd([M.value<FileOrTable>(folder)]);'],
    ['%cd {`${a}/${b}`}', 'await M.line.cd([M.value<FileOrTable>(`${a}/${b}`)]);'],
    ['%cd results/{name}/x', 'await M.line.cd([["results/", M.text(name), "/x"].join(\'\')]);'],
    ['%cd {a}{b}', "await M.line.cd([[M.text(a), M.text(b)].join('')]);"],
    ["%cd it's", 'await M.line.cd(["it\'s"]);'],
    ['%cd ""', 'await M.line.cd([""]);'],
    ['%cd {}', 'await M.line.cd(["{}"]);'],
    ["%cd '{folder}'", 'await M.line.cd(["{folder}"]);'],
    ['/* first */\n%who', '/* first */\nawait M.line.who([]);'],
    ['// first\n%who', '// first\nawait M.line.who([]);'],
    ['%who // %pwd', 'await M.line.who([]);'],
    ['f()\n%who', 'f()\nawait M.line.who([]);'],
    ['f();\n  %who', 'f();\n  await M.line.who([]);'],
    ['x++\n%who', 'x++\nawait M.line.who([]);'],
    ['const s = "a"\n%who', 'const s = "a"\nawait M.line.who([]);'],
    ['const s = `a`\n%who', 'const s = `a`\nawait M.line.who([]);'],
    ['const s = `a${b}c`\n%who', 'const s = `a${b}c`\nawait M.line.who([]);'],
    ['const r = /x/g\n%who', 'const r = /x/g\nawait M.line.who([]);'],
    ['const t = null\n%who', 'const t = null\nawait M.line.who([]);'],
    ['const a = [1]\n%who', 'const a = [1]\nawait M.line.who([]);'],
    ['const o = { a: 1 }\n%who', 'const o = { a: 1 }\nawait M.line.who([]);'],
    ['type A = Array<number>\n%who', 'type A = Array<number>\nawait M.line.who([]);'],
    [
      'type M = Map<string, Array<number>>\n%who',
      'type M = Map<string, Array<number>>\nawait M.line.who([]);',
    ],
    ['let a: string\n%who', 'let a: string\nawait M.line.who([]);'],
    ['this\n%who', 'this\nawait M.line.who([]);'],
    ['const f = () => {\n  g()\n}\n%who', 'const f = () => {\n  g()\n}\nawait M.line.who([]);'],
    ['class A {\n  x = 1;\n}\n%who', 'class A {\n  x = 1;\n}\nawait M.line.who([]);'],
    ['@sealed\nclass A {}\n%who', '@sealed\nclass A {}\nawait M.line.who([]);'],
    ['function f<T>(x: T) {}\n%who', 'function f<T>(x: T) {}\nawait M.line.who([]);'],
    ['interface A { a: number }\n%who', 'interface A { a: number }\nawait M.line.who([]);'],
    ['import x from "y"\n%who', 'import x from "y"\nawait M.line.who([]);'],
    ['export const a = 1\n%who', 'export const a = 1\nawait M.line.who([]);'],
    ['if (a) {\n  %cd x\n}', 'if (a) {\n  await M.line.cd(["x"]);\n}'],
    ['if (a) {\n  b()\n  %cd x\n  c()\n}', 'if (a) {\n  b()\n  await M.line.cd(["x"]);\n  c()\n}'],
    ['if (a)\n%cd x', 'if (a)\nawait M.line.cd(["x"]);'],
    ['if (a) b(); else\n%cd x', 'if (a) b(); else\nawait M.line.cd(["x"]);'],
    [
      'for (const t of tumors) {\n  %cd {t}\n}',
      'for (const t of tumors) {\n  await M.line.cd([M.value<FileOrTable>(t)]);\n}',
    ],
    [
      'try {\n  %cd x\n} catch {\n  %cd y\n}',
      'try {\n  await M.line.cd(["x"]);\n} catch {\n  await M.line.cd(["y"]);\n}',
    ],
    ['async function f() {\n  %cd x\n}', 'async function f() {\n  await M.line.cd(["x"]);\n}'],
    ['label: {\n  %cd x\n}'],
    ['a // comment\n%who', 'a // comment\nawait M.line.who([]);'],
    ['a /* comment */\n%who', 'a /* comment */\nawait M.line.who([]);'],
    ['a\n// comment\n%who', 'a\n// comment\nawait M.line.who([]);'],
    ['{\n  a()\n}\n  %who', '{\n  a()\n}\n  await M.line.who([]);'],
    ['const x = foo\n  .bar()\n%who', 'const x = foo\n  .bar()\nawait M.line.who([]);'],
  ],
  values: [
    [
      'const z = %encode --model run1 --data crops',
      'const z = await COMMAND(encode, ["--model", "run1", "--data", "crops"]);',
    ],
    [
      'const z = %encode --model run1 crops;',
      'const z = await COMMAND(encode, ["--model", "run1", "crops"]);',
    ],
    ['let z = %encode --model run1 crops', 'let z = await COMMAND(encode, ["--model", "run1", "crops"]);'],
    ['var z=%encode crops', 'var z=await COMMAND(encode, ["crops"]);'],
    ['z = %encode crops', 'z = await COMMAND(encode, ["crops"]);'],
    ['const z: Table = %encode crops', 'const z: Table = await COMMAND(encode, ["crops"]);'],
    ['const { a } = %encode crops', 'const { a } = await COMMAND(encode, ["crops"]);'],
    ['export const z = %encode crops', 'export const z = await COMMAND(encode, ["crops"]);'],
    ['const a = 1, b = %pwd', 'const a = 1, b = await M.line.pwd([]);'],
    ['const z = await %encode crops', 'const z = await await COMMAND(encode, ["crops"]);'],
    ['await %encode crops', 'await await COMMAND(encode, ["crops"]);'],
    ['async function f() {\n  return %pwd\n}', 'async function f() {\n  return await M.line.pwd([]);\n}'],
    ['const z = %pwd // here', 'const z = await M.line.pwd([]);'],
    ['if (a) {\n  z = %pwd\n}', 'if (a) {\n  z = await M.line.pwd([]);\n}'],
    [
      'const z = %umpa x',
      'const z = await M.refuse("%umpa: unknown magic; nearest is %umap (%lsmagic lists them)");',
    ],
    ['const z =  %time f()', 'const z =  await M.line.time([], M.clock(), (f()), M.clock());'],
    ['const z = %time {a: 1}', 'const z = await M.line.time([], M.clock(), ({a: 1}), M.clock());'],
    ['a.b = %pwd', 'a.b = await M.line.pwd([]);'],
    ['a[0] = %pwd\nc', 'a[0] = await M.line.pwd([]);\nc'],
    [
      'const t = %sql SELECT a % 2 AS b FROM z -- text',
      'const t = await M.line.sql<TABLE>([], "SELECT a % 2 AS b FROM z -- text");',
    ],
    [
      "const t = %sql SELECT 'it''s {x}' AS b;",
      "const t = await M.line.sql<TABLE>([], \"SELECT 'it''s {x}' AS b;\");",
    ],
  ],
  options: [
    [
      '%umap --latents z.csv --neighbors 30',
      'await COMMAND(umap, ["--latents", "z.csv", "--neighbors", "30"]);',
    ],
    ['%umap --latents=z.csv', 'await COMMAND(umap, ["--latents=z.csv"]);'],
    ['%umap --latents {z}', 'await COMMAND(umap, ["--latents", M.value<FileOrTable>(z)]);'],
    [
      '%umap --latents {z.filter((d) => d.a > 0)}',
      'await COMMAND(umap, ["--latents", M.value<FileOrTable>(z.filter((d) => d.a > 0))]);',
    ],
    ['%umap --latents={z} --force', 'await COMMAND(umap, [M.value<FileOrTable>(z, "latents"), "--force"]);'],
    ['%umap {z}', 'await COMMAND(umap, [M.value<FileOrTable>(z)]);'],
    [
      '%umap --neighbors {n + 1} {z}',
      'await COMMAND(umap, ["--neighbors", M.value<number>(n + 1), M.value<FileOrTable>(z)]);',
    ],
    [
      '%umap --neighbors {{ a: 1 }.a} {z}',
      'await COMMAND(umap, ["--neighbors", M.value<number>({ a: 1 }.a), M.value<FileOrTable>(z)]);',
    ],
    [
      '%umap --metric {"cosine"} {z}',
      'await COMMAND(umap, ["--metric", M.value<"euclidean" | "cosine" | "correlation">("cosine"), M.value<FileOrTable>(z)]);',
    ],
    ['%umap {f("}")}', 'await COMMAND(umap, [M.value<FileOrTable>(f("}"))]);'],
    ['%umap {f(`}${"}"}`)}', 'await COMMAND(umap, [M.value<FileOrTable>(f(`}${"}"}`))]);'],
    ['%umap {f(/[}]/)}', 'await COMMAND(umap, [M.value<FileOrTable>(f(/[}]/))]);'],
    ['%umap {a /* } */}', 'await COMMAND(umap, [M.value<FileOrTable>(a /* } */)]);'],
    ['%umap {\n  z\n}', 'await COMMAND(umap, [M.value<FileOrTable>(\n  z\n)]);'],
    [
      '%umap --latents z.csv \\\n  --neighbors 5',
      'await COMMAND(umap, ["--latents", "z.csv", "--neighbors", "5"]);\n',
    ],
    [
      '%umap --latents z.csv \\\r\n  --neighbors 5\r\n1',
      'await COMMAND(umap, ["--latents", "z.csv", "--neighbors", "5"]);\n\r\n1',
    ],
    [
      '%umap {z} \\\n --neighbors {n} \\\n --force',
      'await COMMAND(umap, [M.value<FileOrTable>(z), "--neighbors", M.value<number>(\nn), "--force"]);\n',
    ],
    [
      '%umap --out {dir}/u.csv {z}',
      'await COMMAND(umap, ["--out", [M.text(dir), "/u.csv"].join(\'\'), M.value<FileOrTable>(z)]);',
    ],
    [
      '%umap --out={dir}/u.csv {z}',
      'await COMMAND(umap, [["--out=", M.text(dir), "/u.csv"].join(\'\'), M.value<FileOrTable>(z)]);',
    ],
    [
      '%amplify --shifts {[-1, 0, 1]} --model run1',
      'await COMMAND(amplify, ["--shifts", M.value<readonly number[] | Float64Array | Float32Array>([-1, 0, 1]), "--model", "run1"]);',
    ],
    ['%umap --latents {z', 'await COMMAND(umap, ["--latents", M.value<FileOrTable>(z)]);'],
    ['%umap --latents {z.', 'await COMMAND(umap, ["--latents", M.value<FileOrTable>(z.)]);'],
    ['%umap --force {flag}', 'await COMMAND(umap, ["--force", M.value<FileOrTable>(flag)]);'],
    ['%umap --colour red', 'await COMMAND(umap, ["--colour", "red"]);'],
    ['%umap -h', 'await COMMAND(umap, ["-h"]);'],
    ['%umap --help', 'await COMMAND(umap, ["--help"]);'],
    ['%umap?', 'await M.help("umap");'],
    ['%umap? ', 'await M.help("umap");'],
  ],
  'TypeScript in magics': [
    ['%time f(1)', 'await M.line.time([], M.clock(), (f(1)), M.clock());'],
    ['%time f(1);', 'await M.line.time([], M.clock(), (f(1)), M.clock());'],
    ['%time f(1) // slow', 'await M.line.time([], M.clock(), (f(1)), M.clock());'],
    ['%time await f(1)', 'await M.line.time([], M.clock(), (await f(1)), M.clock());'],
    [
      '%time const a = f()',
      'M.startClock(); const a = f(); await M.line.time([], M.startedClock(), undefined, M.clock());',
    ],
    [
      '%time const a = await f();',
      'M.startClock(); const a = await f(); await M.line.time([], M.startedClock(), undefined, M.clock());',
    ],
    ['%time a = 3', 'await M.line.time([], M.clock(), (a = 3), M.clock());'],
    ['%time f(\n  1,\n  2,\n)', 'await M.line.time([], M.clock(), (f(\n  1,\n  2,\n)), M.clock());'],
    [
      '%time for (const a of b) f(a)',
      'M.startClock(); for (const a of b) f(a); await M.line.time([], M.startedClock(), undefined, M.clock());',
    ],
    ['%time a % b', 'await M.line.time([], M.clock(), (a % b), M.clock());'],
    ['%time "a\\"b"', 'await M.line.time([], M.clock(), ("a\\"b"), M.clock());'],
    ['%time `a\n%who`', 'await M.line.time([], M.clock(), (`a\n%who`), M.clock());'],
    ['%time', 'await M.line.time([]);'],
    ['%time   ', 'await M.line.time([]);'],
    ['%timeit f()', 'await M.line.timeit([], () => (f()));'],
    ['%timeit -n 5 f()', 'await M.line.timeit(["-n", "5"], () => (f()));'],
    ['%timeit -n 5 -r 3 f()', 'await M.line.timeit(["-n", "5", "-r", "3"], () => (f()));'],
    ['%timeit --loops 5 --quiet f()', 'await M.line.timeit(["--loops", "5", "--quiet"], () => (f()));'],
    ['%timeit --x', 'await M.line.timeit([], () => (--x));'],
    ['%timeit -x', 'await M.line.timeit([], () => (-x));'],
    ['%timeit await f()', 'await M.line.timeit([], async () => (await f()));'],
    ['%timeit const a = f(); g(a)', 'await M.line.timeit([], () => { const a = f(); g(a) });'],
    ['%timeit [1, 2].map((x) => x % 2)', 'await M.line.timeit([], () => ([1, 2].map((x) => x % 2)));'],
    ['%time?', 'await M.help("time");'],
    ['%time x => {\n  y\n}', 'await M.line.time([], M.clock(), (x => {\n  y\n}), M.clock());'],
    [
      '%time f()\n%time g()',
      'await M.line.time([], M.clock(), (f()), M.clock());\nawait M.line.time([], M.clock(), (g()), M.clock());',
    ],
  ],
  'cell magics': [
    ['%%bash\necho hi', 'await M.cell.bash([], `\necho hi`);'],
    ['\n\n%%bash\necho hi', '\n\nawait M.cell.bash([], `\necho hi`);'],
    [
      '%%bash\necho `date` ${HOME} $HOME \\n',
      'await M.cell.bash([], `\necho \\`date\\` \\${HOME} $HOME \\\\n`);',
    ],
    ['%%bash', 'await M.cell.bash([], ``);'],
    ['%%bash\n', 'await M.cell.bash([], `\n`);'],
    ['%%bash\n\n\necho', 'await M.cell.bash([], `\n\n\necho`);'],
    ['%%bash\r\necho a\r\necho b', 'await M.cell.bash([], `\necho a\r\necho b`);'],
    ['%%html\n<p>100 %who</p>\n%who', 'await M.cell.html([], `\n<p>100 %who</p>\n%who`);'],
    ['%%markdown\n# Title\n`code`', 'await M.cell.markdown([], `\n# Title\n\\`code\\``);'],
    ['%%latex\n$\\alpha$', 'await M.cell.latex([], `\n$\\\\alpha$`);'],
    ['%%writefile a b.ts\nx', 'await M.cell.writefile(["a", "b.ts"], `\nx`);'],
    ['%%writefile "a b.ts" --append\nx', 'await M.cell.writefile(["a b.ts", "--append"], `\nx`);'],
    ['%%writefile {name}.ts\nx', 'await M.cell.writefile([[M.text(name), ".ts"].join(\'\')], `\nx`);'],
    ['%%time\nf()', 'await M.cell.time([]);\nf()'],
    ['%%time\n%cd x\nf()', 'await M.cell.time([]);\nawait M.line.cd(["x"]);\nf()'],
    [
      '%%time\nconst a = 1\nconst z = %pwd',
      'await M.cell.time([]);\nconst a = 1\nconst z = await M.line.pwd([]);',
    ],
    ['%%timeit\nf()', 'await M.cell.timeit([], () => {\nf()});'],
    [
      '%%timeit -n 3\nconst a = f()\ng(a) // last',
      'await M.cell.timeit(["-n", "3"], () => {\nconst a = f()\ng(a)}); // last',
    ],
    ['%%timeit\nawait f()', 'await M.cell.timeit([], async () => {\nawait f()});'],
    ['%%timeit\n', 'await M.cell.timeit([]);\n'],
    ['%%capture\nf()', 'await M.cell.capture([]);\nf()'],
    ['%%capture out\nf()\n%who', 'const out = await M.cell.capture([]);\nf()\nawait M.line.who([]);'],
    ['%%vegalite\n{ "mark": "bar" }', 'await M.cell.vegalite([], (\n{ "mark": "bar" }));'],
    ['%%vegalite\n{ mark: "bar" };\n', 'await M.cell.vegalite([], (\n{ mark: "bar" }));\n'],
    ['%%vegalite\nspec // mine', 'await M.cell.vegalite([], (\nspec)); // mine'],
    ['%%vegalite\n', 'await M.cell.vegalite([]);\n'],
    ['%%sql\nSELECT * FROM z', 'await M.cell.sql<TABLE>([], `\nSELECT * FROM z`);'],
    ['%%sql joined\nSELECT `a`', 'const joined = await M.cell.sql<TABLE>([], `\nSELECT \\`a\\``); joined;'],
    ['%%bash?\necho', 'await M.help("bash");\n'],
    ['%%bahs\necho "', 'await M.refuse("%%bahs: unknown magic; nearest is %%bash (%lsmagic lists them)");\n'],
    ['%%\nx', 'await M.refuse("%% alone is no magic (%lsmagic lists them)");\n'],
    ['%%cd x\ny', 'await M.refuse("%%cd is a line magic: write %cd");\n'],
    ['%%umap\nx', 'await M.refuse("%%umap is a line magic: write %umap");\n'],
    [
      '// comment\n%%bash\necho',
      '// comment\nawait M.refuse("%%bash must stand on the first line of the cell");\n',
    ],
    ['1;\n%%bash', '1;\nawait M.refuse("%%bash must stand on the first line of the cell");'],
    ['%bash echo', 'await M.refuse("%bash is a cell magic: write %%bash on the first line of a cell");'],
    ['%html', 'await M.refuse("%html is a cell magic: write %%html on the first line of a cell");'],
    ['%lsmagik', 'await M.refuse("%lsmagik: unknown magic; nearest is %lsmagic (%lsmagic lists them)");'],
  ],
  shell: [
    ['!ls', 'await M.shell(["ls"]);'],
    ['!ls -l *.png', 'await M.shell(["ls -l *.png"]);'],
    ['! ls', 'await M.shell(["ls"]);'],
    ['!ls | wc -l', 'await M.shell(["ls | wc -l"]);'],
    ['a;\n!ls', 'a;\nawait M.shell(["ls"]);'],
    ['a\n!ls', 'a\nawait M.shell(["ls"]);'],
    ['!./run.sh', 'await M.shell(["./run.sh"]);'],
    ['!../run.sh', 'await M.shell(["../run.sh"]);'],
    ['!~/run.sh', 'await M.shell(["~/run.sh"]);'],
    ['!/bin/ls -l', 'await M.shell(["/bin/ls -l"]);'],
    ['!git status', 'await M.shell(["git status"]);'],
    ['!echo {folder}', 'await M.shell(["echo ", (folder), ""]);'],
    ['!echo {folder.length} {other}', 'await M.shell(["echo ", (folder.length), " {other}"]);'],
    ["!awk '{print $1}' f", 'await M.shell(["awk \'{print $1}\' f"]);'],
    ['!echo ${HOME} {a,b}', 'await M.shell(["echo ${HOME} {a,b}"]);'],
    ['!echo "it\'s"', 'await M.shell(["echo \\"it\'s\\""]);'],
    ['const l = !ls', 'const l = await M.shellLines(["ls"]);'],
    ['const l = !ls -l', 'const l = await M.shellLines(["ls -l"]);'],
    ['l = !git log', 'l = await M.shellLines(["git log"]);'],
    ['if (a) {\n  !ls\n}', 'if (a) {\n  await M.shell(["ls"]);\n}'],
    ['const dir = "x";\n!ls {dir}', 'const dir = "x";\nawait M.shell(["ls ", (dir), ""]);'],
    ['!python3 -c "print(1 % 2)"', 'await M.shell(["python3 -c \\"print(1 % 2)\\""]);'],
    ['!7z x a.7z', 'await M.shell(["7z x a.7z"]);'],
  ],
  TypeScript: [
    [''],
    [' '],
    ['1 + 1'],
    ['a % b'],
    ['a\n% b'],
    ['a\n%b'],
    ['a\n  %b'],
    ['a %\nb'],
    ['const total = count\n  %who'],
    ['(a\n%who)'],
    ['f(a\n%who)'],
    ['[a\n%who]'],
    ['const o = { b: a\n%who }'],
    ['const o = {\n  a: 1,\n  b: c\n  %who\n}'],
    ['return_(a,\n%who)'],
    ['a +\n%who'],
    ['a ?\n%who : b'],
    ['a &&\n%who'],
    ['x =\n%who'],
    ['x = (\n%who\n)'],
    ['`\n%who\n`'],
    ['`${a}\n%who\n`'],
    ['`${`\n%who\n`}`'],
    ['`${f({ a: `${b}\n%who` })}\n%who`'],
    ['"a\\\n%who"'],
    ['/*\n%who\n*/'],
    ['/**\n * %who\n%who\n */'],
    ['// %who'],
    ['// a \\\n// %who'],
    ['const r = /[/]%who/'],
    ['if (a) /%who/.test(b)'],
    ['a / b\n/ c % d'],
    ['a %= b'],
    ['a\n%= b'],
    ['const s = "%who"'],
    ["const s = '%%bash'"],
    ['f`\n%who\n`'],
    ['String.raw`\n%%bash\n`'],
    ['console.log("%d %s", 1, 2)'],
    ['(\n  a\n  % b\n)'],
    ['a\n  % b\n  % c'],
    ['const x = <p>\n%who\n</p>'],
    ['const x = <p>\nhello\n%who\n</p>'],
    ['const x = <b title="%who">100 %</b>'],
    ['100 %\n3'],
    ['x = a\n  %time'],
    ['const n = total %count'],
    ['n = 5 %3'],
    ['!flag'],
    ['!flag && f()'],
    ['const a = !flag'],
    ['const a = !f()'],
    ['!f()'],
    ['!flag.x'],
    ['!!flag'],
    ['a\n!= b'],
    ['!(a)'],
    ['![1]'],
    ['!true'],
    ['!new Foo()'],
    ['!await f()'],
    ['!/x/.test(y)'],
    ['!"a"'],
    ['const ls = 1\n!ls'],
    ['const g = (ok: boolean) => {\n  !ok\n}'],
    ['return !x'],
    ['const a = b! % c'],
    ['a!\n% b'],
    ['@dec\nclass A {}'],
    ['f<number>(a) % 2'],
    ['type A<T> = T extends string ? 1 : 2'],
    ['const 😀 = 1'],
    ['x = `😀\n%who 😀`'],
    ['case_ %= 3;'],
  ],
  'odd signs': [
    ['%cd 😀', 'await M.line.cd(["😀"]);'],
    ['%cd {"😀"}/x', 'await M.line.cd([[M.text("😀"), "/x"].join(\'\')]);'],
    ['%time "😀😀".length', 'await M.line.time([], M.clock(), ("😀😀".length), M.clock());'],
    ['%%bash\necho 😀 `x`', 'await M.cell.bash([], `\necho 😀 \\`x\\``);'],
    ['"😀"\n%who', '"😀"\nawait M.line.who([]);'],
    ['"😀" %\n%who'],
    ['\ufeff%who', '\ufeffawait M.line.who([]);'],
    ['\ufeff%%bash\necho', '\ufeffawait M.cell.bash([], `\necho`);'],
    ['\ufeffconst a = 1\n%who', '\ufeffconst a = 1\nawait M.line.who([]);'],
    ['%who\r\n1', 'await M.line.who([]);\r\n1'],
    ['const a = 1\r\n%who\r\nconst b = 2', 'const a = 1\r\nawait M.line.who([]);\r\nconst b = 2'],
    ['%time f()\r\ng()', 'await M.line.time([], M.clock(), (f()), M.clock());\r\ng()'],
    ['a\r\n% b'],
    ['`\r\n%who\r\n`'],
    ['%umap {z}\r\n%who', 'await COMMAND(umap, [M.value<FileOrTable>(z)]);\r\nawait M.line.who([]);'],
    ['%cd a\u00a0b', 'await M.line.cd(["a", "b"]);'],
    ['%cd \u2028', 'await M.line.cd([]);'],
    ['%%html\n\u2028', 'await M.cell.html([], `\n\u2028`);'],
    ['%%timeit\r\nf()\r\n', 'await M.cell.timeit([], () => {\nf()});\r\n'],
    ['%%vegalite\r\n{ mark: "bar" }\r\n', 'await M.cell.vegalite([], (\n{ mark: "bar" }));\r\n'],
    ['%cd \ud83d', 'await M.line.cd(["\\ud83d"]);'],
  ],
};

const notebook = {
  magics: new Map(magicTable().map((magic) => [magic.name, syntaxOf(magic)])),
  isVariable: (name: string) => ['folder', 'flag', 'z'].includes(name),
};

function shorten(code: string): string {
  return code
    .replace(
      /__lch_magics\.command<import\('live-cell-histology'\)\.CommandResults\['(\w+)'\]>\("\1", /g,
      'COMMAND($1, ',
    )
    .replaceAll("import('live-cell-histology').ColumnTable", 'TABLE')
    .replaceAll('__lch_magics.', 'M.');
}

describe('a cell', () => {
  for (const [group, list] of Object.entries(snippets)) {
    it(`with ${group}: ${list.length} snippets become what they should, line by line, and back`, () => {
      for (const [source, code = source] of list) {
        const scanned = scanCell(source, notebook);
        assert.equal(shorten(scanned.code), code);
        assert.equal(applyEdits(source, scanned.edits), scanned.code);
        checkOffsets(source, scanned);
      }
    });
  }

  it('is searched in at least 150 ways', () => {
    assert.ok(Object.values(snippets).flat().length >= 150);
  });

  it('of a thousand random pieces keeps its lines and offsets', () => {
    const pieces = [
      '%time ',
      '%cd ',
      '%%bash',
      '!ls',
      '{',
      '}',
      '`',
      '${',
      '"',
      "'",
      '(',
      ')',
      '\n',
      '\r\n',
      ' ',
      'a',
      '/',
      '*/',
      '/*',
    ];
    pieces.push(
      '//',
      '=',
      '%',
      ';',
      '😀',
      '\\',
      '%umap --latents ',
      '--neighbors ',
      'const x',
      '<p>',
      '</p>',
      '\uFEFF',
    );
    const random = seededRandom(7);
    for (let i = 0; i < 1000; i++) {
      const source = Array.from(
        { length: 1 + random.integer(14) },
        () => pieces[random.integer(pieces.length)],
      ).join('');
      checkOffsets(source, scanCell(source, notebook));
    }
  });
});

/** What stays keeps its text, its line, and its way back; everything else maps to its own line. */
function checkOffsets(source: string, { code, edits }: ReturnType<typeof scanCell>): void {
  assert.equal(code.split('\n').length, source.split('\n').length, `lines of ${JSON.stringify(source)}`);
  const offsets = new CellOffsets(source, code, edits);
  for (let offset = 0; offset < source.length; offset++) {
    if (edits.some(({ start, end }) => start <= offset && offset < end)) continue;
    if (edits.some(({ start, end }) => start === end && start === offset)) continue;
    const there = offsets.toCode(offset);
    assert.equal(code[there], source[offset], `sign ${offset} of ${JSON.stringify(source)}`);
    assert.equal(offsets.toSource(there), offset, `way back of sign ${offset} of ${JSON.stringify(source)}`);
    assert.equal(lineAndColumn(code, there).line, lineAndColumn(source, offset).line);
  }
  let last = 0;
  for (let offset = 0; offset <= code.length; offset++) {
    const back = offsets.toSource(offset);
    assert.ok(back >= last && back <= source.length, `offset ${offset} of ${JSON.stringify(code)}`);
    last = back;
  }
}
