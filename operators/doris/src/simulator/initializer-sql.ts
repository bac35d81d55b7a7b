/** A string, a comment or a semicolon: what a splitter has to know. The second group is a comment, hints aside. */
const PIECE = /('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`)|(#[^\n]*|--(?=\s|$)[^\n]*|\/\*(?!\+)[\s\S]*?\*\/)|;/g;

/** A script's statements, as the initializer's own script splits them: at semicolons outside of quotes and comments. */
export function sqlStatements(text: string): readonly string[] {
  const marked = text.replace(PIECE, (piece, quoted: string | undefined, comment: string | undefined) =>
    quoted === undefined ? (comment === undefined ? '\u0000' : ' ') : piece,
  );
  return marked
    .split('\u0000')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
