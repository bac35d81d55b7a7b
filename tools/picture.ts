/** Draws what `make demo ONCE=1` prints as docs/demo.svg: `FORCE_COLOR=1 make -s demo ONCE=1 | npm exec -- node tools/picture.ts`. */
import { readFileSync, writeFileSync } from 'node:fs';

const LINE_HEIGHT = 18;
const MOST_LINES = 44;
const ESCAPE = `${String.fromCodePoint(27)}[`;
const COLOURS: Readonly<Record<string, string>> = { '32': '#3fb950', '33': '#d29922', '90': '#8b949e', '1': '#ffffff' };

const lines = readFileSync(0, 'utf8').replace(/\n+$/, '').split('\n');
// The middle of a long run says the same again and again: beginning and end are shown.
const shown = lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES / 2), '     ⋮', ...lines.slice(-MOST_LINES / 2)];
const rows = shown.map((line, index) => `<text x="16" y="${36 + index * LINE_HEIGHT}">${spans(line)}</text>`);
const height = 36 + shown.length * LINE_HEIGHT + 8;
writeFileSync(
  new URL('../docs/demo.svg', import.meta.url),
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="980" height="${height}" font-family="ui-monospace,Menlo,Consolas,monospace" font-size="13">`,
    '<rect width="100%" height="100%" rx="8" fill="#0d1117"/>',
    `<g fill="#c9d1d9" xml:space="preserve">`,
    ...rows,
    '</g></svg>',
    '',
  ].join('\n'),
);

/** The line's colours as SVG: each part behind an escape sequence begins with its code. */
function spans(line: string): string {
  return line
    .split(ESCAPE)
    .map((part, index) => {
      const end = index === 0 ? -1 : part.indexOf('m');
      const colour = COLOURS[part.slice(0, Math.max(end, 0))];
      const text = escape(part.slice(end + 1));
      return text === '' ? '' : `<tspan${colour === undefined ? '' : ` fill="${colour}"`}>${text}</tspan>`;
    })
    .join('');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
