/**
 * Kubernetes' regular expressions are RE2's; ours are JavaScript's. This compiles one as the other.
 * What RE2 refuses (look-around, back references) is refused here too, because the API server would refuse it.
 */

const MAX_CACHED = 1_000;
const cache = new Map<string, RegExp>();

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** Compiles an RE2 pattern. @throws {SyntaxError} with the reason when it is none. The result carries no state: it is not global. */
export function re2(pattern: string): RegExp {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    compiled = translate(pattern);
    if (cache.size >= MAX_CACHED) cache.clear();
    cache.set(pattern, compiled);
  }
  return compiled;
}

function translate(pattern: string): RegExp {
  const leading = /^\(\?([ims]+)\)/.exec(pattern);
  const source = convert(leading === null ? pattern : pattern.slice(leading[0].length));
  const flags = leading?.[1] ?? '';
  try {
    return new RegExp(source, `u${flags}`);
  } catch {
    // Without `u`, needless escapes such as `\-` are letters, as they are to RE2.
    return new RegExp(source, flags);
  }
}

/** One pass: an escape is one token, and a class is entered and left, so that `\\A` and `[(?=]` are what they are. */
function convert(pattern: string): string {
  let inClass = false;
  return pattern.replace(
    /\\p([A-Z])|\\([\s\S])|\[:(\^?)([a-z]+):\]|\(\?P<|\(\?(?:[=!]|<[=!])|\[\^?\]?|\]/g,
    (token, letter?: string, escaped?: string, not?: string, name?: string) => {
      if (letter !== undefined) return `\\p{${letter}}`;
      if (escaped !== undefined) return inClass ? token : escape(token, escaped);
      if (name !== undefined && inClass) {
        const set = POSIX[name];
        if (set === undefined || not === '^') throw new SyntaxError(`invalid character class ${token}`);
        return set;
      }
      if (inClass) {
        if (token === ']') inClass = false;
        return token === ']' ? token : token.replaceAll('[', '\\[').replace(/\]$/, () => ((inClass = false), ']'));
      }
      if (token.startsWith('[')) {
        inClass = true;
        // To RE2 a `]` that comes first is a letter.
        return token.endsWith(']') && !token.endsWith(':]') ? `${token.slice(0, -1)}\\]` : token;
      }
      if (token === '(?P<') return '(?<';
      if (token.startsWith('(?')) throw new SyntaxError(`invalid or unsupported Perl syntax: \`${token}\``);
      return token;
    },
  );
}

function escape(token: string, letter: string): string {
  if (letter === 'A') return '(?<![\\s\\S])';
  if (letter === 'z') return '(?![\\s\\S])';
  if (/[1-9]/.test(letter)) throw new SyntaxError(`invalid escape sequence: \`${token}\``);
  return token;
}
