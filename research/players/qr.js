// A QR code of an address, for the phone beside the screen. Its library is fetched when one is asked for.

const quiet = 4;  // modules around it: ISO/IEC 18004 wants so many

// An <svg>, dark on light in every theme: readers want it so.
export async function qrCode(address) {
  const {encode} = await import('./vendor/uqr.js');
  const {data, size} = encode(address, {ecc: 'M', border: 0});
  const make = (kind, attributes) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', kind);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  const whole = size + 2 * quiet;
  const picture = make('svg', {viewBox: `0 0 ${whole} ${whole}`, role: 'img', 'shape-rendering': 'crispEdges'});
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x + quiet} ${y + quiet}h1v1h-1z`] : [])));
  picture.append(make('rect', {width: whole, height: whole, fill: '#fff'}), make('path', {d: dark.join(''), fill: '#000'}));
  return picture;
}
