// Types of the server's interface from doc/api/openapi.json (or the file named as argument). The generator needs an older compiler than the web does,
// so it lives in its own folder with its own lock file (tools/openapi).
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const web = resolve(import.meta.dirname, '..');
const tool = join(web, 'tools/openapi');
if (!existsSync(join(tool, 'node_modules/openapi-typescript'))) execFileSync('npm', ['ci'], { cwd: tool, stdio: 'inherit' });
execFileSync(join(tool, 'node_modules/.bin/openapi-typescript'), [process.argv[2] ?? join(web, '../doc/api/openapi.json'), '-o', join(web, 'src/api/schema.d.ts'), '--immutable'], { stdio: 'inherit' });
