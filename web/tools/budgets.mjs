// First JavaScript and style sheets of each entry, gzipped, against the budgets. First means: what must arrive before
// the first screen works, including the messages of the biggest language.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const budgets = {
  'citizen.html': { script: 45, style: 12 },
  'kiosk.html': { script: 50, style: 12 },
  'venue.html': { script: 80, style: 15 },
  'console.html': { script: 140, style: 20 },
  'developer.html': { script: 140, style: 20 },
  'page.html': { script: 6, style: 12 },
};

export function checkBudgets(dist, manifest, displayName) {
  const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  const broken = [];
  for (const [entry, budget] of Object.entries(budgets)) {
    const scripts = new Set([displayName]);
    const styles = new Set();
    const catalogues = new Set();
    const visit = (key) => {
      const chunk = manifest[key];
      if (!chunk || scripts.has(chunk.file)) return;
      scripts.add(chunk.file);
      for (const css of chunk.css ?? []) styles.add(css);
      for (const next of chunk.imports ?? []) visit(next);
      for (const next of chunk.dynamicImports ?? []) if (next.includes('virtual:catalogue')) catalogues.add(manifest[next].file);
    };
    visit(entry);
    const messages = Math.max(0, ...[...catalogues].map(size));
    const script = ([...scripts].reduce((sum, file) => sum + size(file), 0) + messages) / 1024;
    const style = [...styles].reduce((sum, file) => sum + size(file), 0) / 1024;
    console.log(
      `${entry.padEnd(15)} script ${script.toFixed(1).padStart(6)} of ${budget.script} KB (messages ${(messages / 1024).toFixed(1)})   style ${style.toFixed(1).padStart(5)} of ${budget.style} KB`,
    );
    if (script > budget.script) broken.push(`${entry}: first scripts ${script.toFixed(1)} KB, budget ${budget.script}`);
    if (style > budget.style) broken.push(`${entry}: style sheets ${style.toFixed(1)} KB, budget ${budget.style}`);
  }
  // With real React the sizes are only shown: that build exists to keep the way back open.
  if (broken.length > 0 && process.env.MUSUBI_REACT !== '1') throw new Error(`size budget broken\n  ${broken.join('\n  ')}`);
}
