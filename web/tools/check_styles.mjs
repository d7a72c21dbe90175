// Components name colours, and sizes of text and rounding, only through the semantic layer; classes begin with mu-.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const src = resolve(import.meta.dirname, '../src');
const tokens = readFileSync(join(src, '../node_modules/@digital-go-jp/design-tokens/dist/tokens.css'), 'utf8');
const semantic = readFileSync(join(src, 'styles/semantic.css'), 'utf8');
const known = new Set([...(tokens + semantic).matchAll(/(--[\w-]+)\s*:/g)].map((match) => match[1]));
const palette = /^--color-(primitive|neutral|semantic)/;
const systemColours = /^(Canvas|CanvasText|LinkText|Highlight|HighlightText|GrayText|ButtonText|ButtonFace|currentcolor|transparent|none|inherit)$/i;

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : entry.name.endsWith('.css') ? [path] : [];
  });
}

// Contrast of the colours a municipality may change: under 7:1 on white the page would not be readable for everyone.
function luminance(hex) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const faults = [];
for (const file of files(src)) {
  const name = relative(src, file);
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  if (name !== 'styles/semantic.css') {
    for (const match of text.matchAll(/#[0-9a-f]{3,8}\b|\b(?:rgb|rgba|hsl|oklch)\(/gi)) faults.push(`${name}: raw colour ${match[0]}`);
    for (const match of text.matchAll(/(?:^|[;{\s])(?:color|background|background-color|border-color|fill|stroke|outline-color)\s*:\s*([a-z]+)\s*;/gi)) {
      if (!systemColours.test(match[1])) faults.push(`${name}: raw colour ${match[1]}`);
    }
    if (name !== 'styles/print.css') for (const match of text.matchAll(/var\((--[\w-]+)/g)) if (palette.test(match[1])) faults.push(`${name}: ${match[1]} belongs to the palette, use a semantic name`);
  }
  for (const match of text.matchAll(/var\((--[\w-]+)/g)) if (!known.has(match[1])) faults.push(`${name}: ${match[1]} is not defined`);
  for (const match of text.matchAll(/\.([a-z][\w-]*)/gi)) {
    if (/\.(css|\d)/.test(match[0]) || /^(mu-|is-)/.test(match[1]) || /^\d/.test(match[1])) continue;
    faults.push(`${name}: class .${match[1]} does not begin with mu-`);
  }
}
const primary = /--primary:\s*var\((--[\w-]+)\)/.exec(semantic)?.[1];
const hex = new RegExp(`${primary}:\\s*(#[0-9a-f]{6})`, 'i').exec(tokens)?.[1];
if (!hex || 1.05 / (luminance(hex) + 0.05) < 7) faults.push(`semantic.css: --primary ${hex} is under 7:1 on white`);
for (const fault of [...new Set(faults)]) console.error(fault);
console.log(faults.length === 0 ? 'styles: in order' : `styles: ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
