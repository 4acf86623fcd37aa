import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ARCHIVE, pack, readWidget, SOURCE, withSupport } from './archive.ts';
import { problemsOf } from './check.ts';

/*
 * Checks the widget and makes the archive that is uploaded to amoCRM. Exit codes: 0 done, 1 the widget has mistakes,
 * 2 wrong words.
 */

const { check, support, out, source } = readWords();
const read = readWidget(source);
const files = support === undefined ? read : withSupport(read, support);
const problems = problemsOf(files);
if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exit(1);
}
if (check) {
  process.stdout.write(`the widget is good: ${files.size} files\n`);
} else {
  const bytes = pack(files);
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, bytes);
  process.stdout.write(`${relative('', out)}: ${files.size} files, ${bytes.length} bytes\n`);
  if (support === undefined) {
    process.stderr.write(
      'The address for support in it is a made-up one. Yours: npm run widget -- --support=help@example.com\n',
    );
  }
}

function readWords() {
  try {
    const { values } = parseArgs({
      options: {
        check: { type: 'boolean', default: false },
        support: { type: 'string' },
        out: { type: 'string', default: ARCHIVE },
        source: { type: 'string', default: SOURCE },
      },
    });
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}
