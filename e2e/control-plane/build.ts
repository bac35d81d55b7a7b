import { kubernetesBinary, VERSIONS } from './binary.ts';
import type { Version } from './binary.ts';

// `node e2e/control-plane/build.ts [version]`: prints the path of the binary, built when need be.
const version = process.argv[2] ?? VERSIONS[0];
if (!VERSIONS.includes(version as Version)) throw new Error(`${version} is not built here: there is ${VERSIONS.join(', ')}`);
process.stdout.write(`${await kubernetesBinary(version as Version, (line) => process.stderr.write(`${line}\n`))}\n`);
