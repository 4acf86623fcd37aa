/** A picture of a thermos on a table, in colours of its own every time. @returns {Promise<Blob>} */
export function drawPicture() {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 480;
  const pen = canvas.getContext('2d');
  const tone = Math.floor(Math.random() * 360);
  const wall = pen.createLinearGradient(0, 0, 640, 360);
  wall.addColorStop(0, `hsl(${tone + 30} 55% 88%)`);
  wall.addColorStop(1, `hsl(${tone + 60} 45% 74%)`);
  fill(pen, wall, 0, 0, 640, 480);
  drawWindow(pen);
  fill(pen, `hsl(${tone + 200} 22% 46%)`, 0, 360, 640, 120);
  fill(pen, `hsl(${tone + 200} 22% 40%)`, 0, 360, 640, 8);
  drawThermos(pen, tone);
  drawCup(pen, tone + 150);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.86));
}

function drawWindow(pen) {
  pen.globalAlpha = 0.5;
  for (const [x, y] of [
    [60, 50],
    [150, 50],
    [60, 140],
    [150, 140],
  ]) {
    round(pen, '#fff', x, y, 80, 80, 6);
  }
  pen.globalAlpha = 1;
}

function drawThermos(pen, tone) {
  const body = pen.createLinearGradient(270, 0, 400, 0);
  body.addColorStop(0, `hsl(${tone} 60% 34%)`);
  body.addColorStop(0.35, `hsl(${tone} 60% 58%)`);
  body.addColorStop(1, `hsl(${tone} 60% 30%)`);
  pen.globalAlpha = 0.22;
  pen.fillStyle = '#000';
  pen.beginPath();
  pen.ellipse(345, 412, 110, 16, 0, 0, 7);
  pen.fill();
  pen.globalAlpha = 1;
  round(pen, body, 270, 150, 130, 260, 22);
  round(pen, '#e8eaed', 268, 190, 134, 12, 4);
  round(pen, '#c9ced6', 290, 84, 90, 74, 14);
  round(pen, '#9aa3ad', 290, 140, 90, 18, 4);
}

function drawCup(pen, tone) {
  pen.strokeStyle = `hsl(${tone} 45% 62%)`;
  pen.lineWidth = 12;
  pen.beginPath();
  pen.arc(540, 366, 26, -1.4, 1.4);
  pen.stroke();
  round(pen, `hsl(${tone} 45% 66%)`, 450, 326, 92, 84, 16);
  round(pen, `hsl(${tone} 45% 56%)`, 450, 326, 92, 12, 6);
}

function fill(pen, style, ...box) {
  pen.fillStyle = style;
  pen.fillRect(...box);
}

function round(pen, style, ...box) {
  pen.fillStyle = style;
  pen.beginPath();
  pen.roundRect(...box);
  pen.fill();
}
