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

/** @type {MediaRecorder | undefined} */
let recorder;

export const canRecord =
  'MediaRecorder' in globalThis && navigator.mediaDevices?.getUserMedia !== undefined;

/** @param {'client' | 'manager'} who @param {(file: object) => void} done called once, unless cancelled */
export async function startRecording(who, done) {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const [type, extension] = FORMATS.find(([one]) => MediaRecorder.isTypeSupported(one));
    const own = new MediaRecorder(stream, { mimeType: type });
    const parts = [];
    own.addEventListener('dataavailable', ({ data }) => parts.push(data));
    own.addEventListener('stop', () => {
      for (const track of stream.getTracks()) track.stop();
      if (recorder !== own) return;
      recorder = undefined;
      void packed(`voice.${extension}`, new Blob(parts, { type })).then((file) => {
        if (file !== undefined) done(file);
      });
    });
    recorder = own;
    own.start();
    change({ recording: who });
  } catch {
    showToast(t('noMicrophone'));
  }
}

/** @param {boolean} isKept whether what was said is sent */
export function stopRecording(isKept) {
  const own = recorder;
  if (!isKept) recorder = undefined;
  own?.stop();
  change({ recording: undefined });
}
