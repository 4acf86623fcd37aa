import { packed } from './attachments.js';
import { t } from './i18n.js';
import { change } from './store.js';
import { showToast } from './toasts.js';

/** What messengers play comes first. */
const FORMATS = [
  ['audio/ogg', 'ogg'],
  ['audio/mp4', 'm4a'],
  ['audio/webm', 'webm'],
];

/** What runs: there is one at a time. @type {{ stop: (isKept: boolean) => void } | undefined} */
let running;

export const canRecord =
  'MediaRecorder' in globalThis && navigator.mediaDevices?.getUserMedia !== undefined;

/**
 * Starts to record; what runs already ends and is sent.
 * @param {'client' | 'manager'} who @param {(file: object) => void} done called once, unless cancelled
 */
export async function startRecording(who, done) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const next = record(stream, done);
    stopRecording(true);
    running = next;
    change({ recording: who });
  } catch {
    release(stream);
    showToast(t('noMicrophone'));
  }
}

/** @param {boolean} isKept whether what was said is sent */
export function stopRecording(isKept) {
  running?.stop(isKept);
  running = undefined;
  change({ recording: undefined });
}

function record(stream, done) {
  const [type, extension] = FORMATS.find(([one]) => MediaRecorder.isTypeSupported(one));
  const recorder = new MediaRecorder(stream, { mimeType: type });
  const parts = [];
  let isWanted = true;
  recorder.addEventListener('dataavailable', ({ data }) => parts.push(data));
  recorder.addEventListener('stop', async () => {
    release(stream);
    if (!isWanted) return;
    const file = await packed(`voice.${extension}`, new Blob(parts, { type }));
    if (file !== undefined) done(file);
  });
  recorder.start();
  return {
    stop: (isKept) => {
      isWanted = isKept;
      recorder.stop();
    },
  };
}

/** The microphone's light goes out. */
function release(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
