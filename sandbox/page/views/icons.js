import { html } from '/lit-html/lit-html.js';

/** Line icons on a grid of 24; what they mean is said in words beside them or in a label. */
const PATHS = {
  send: 'M4 12l16-8-5 17-4-7-7-2z',
  attach:
    'M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8l-8.4 8.4a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  reply: 'M10 7L5 12l5 5M5 12h9a5 5 0 0 1 5 5v1',
  picture: 'M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9h.01',
  document: 'M7 3h7l4 4v14H7zM14 3v4h4M10 12h5M10 16h5',
  voice: 'M12 4a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V7a3 3 0 0 1 3-3zM6 12a6 6 0 0 0 12 0M12 18v3',
  video: 'M4 6h11v12H4zM15 10.5l5-3v9l-5-3',
  location:
    'M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.500C5 14.800 12 21 12 21zM12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z',
  contact:
    'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500',
  folder: 'M3 6h6l2 2h10v11H3z',
  pencil: 'M4 20l1-4L16.500 4.500l3 3L8 19zM14 7l3 3',
  arrow: 'M4 12h15M14 7l5 5-5 5',
  client: 'M8 3h8v18H8zM11 18h2',
  manager: 'M4 6h16v12H4zM8 10h8M8 14h5',
  bridge: 'M3 17c3-9 15-9 18 0M8 17v-4.500M12 17v-6M16 17v-4.500M2 17h20',
  faults: 'M13 3L5 13.500h6L10 21l8-10.500h-6z',
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path d=${PATHS[name]} />
  </svg>`;
}
