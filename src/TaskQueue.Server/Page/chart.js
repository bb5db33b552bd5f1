// How many tasks ended in each hour of the last day, as stacked bars.

const kinds = ['success', 'failed', 'cancelled'];
const height = 100;
const barWidth = 10;

export function showChart(svg, caption, legend, activity) {
  const hours = activity.data;
  const most = Math.max(...hours.map(total));
  svg.setAttribute('viewBox', `0 0 ${hours.length * barWidth} ${height}`);
  svg.replaceChildren(
    ...hours.flatMap((hour, index) => bar(hour, index, most)),
    element('line', { x1: 0, x2: hours.length * barWidth, y1: height, y2: height, class: 'ground' }));
  svg.toggleAttribute('hidden', most === 0);
  legend.hidden = most === 0;
  const sums = kinds.map(kind => `${hours.reduce((sum, hour) => sum + hour[kind], 0)} ${kind}`);
  caption.textContent = most === 0
    ? 'Nothing.'
    : `From ${clock(hours[0].from)} yesterday to now, an hour each bar: ${sums.join(', ')}; at most ${most} in an hour.`
      + (activity.is_complete ? '' : ` Of the ${activity.total} tasks created last; there are more.`);
  legend.replaceChildren(...kinds.map((kind, index) => {
    const item = document.createElement('li');
    item.className = kind;
    item.textContent = sums[index];
    return item;
  }));
}

export function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

function bar(hour, index, most) {
  let base = height;
  return kinds.filter(kind => hour[kind] > 0).map(kind => {
    const part = Math.max(hour[kind] / most * height, 1);
    base -= part;
    const rect = element('rect', { x: index * barWidth + 1, y: Math.max(base, 0), width: barWidth - 2, height: part, class: kind });
    rect.append(element('title', {}, `${clock(hour.from)}: ${hour[kind]} ${kind}`));
    return rect;
  });
}

function total(hour) {
  return kinds.reduce((sum, kind) => sum + hour[kind], 0);
}

function element(name, attributes, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  Object.entries(attributes).forEach(([attribute, value]) => made.setAttribute(attribute, value));
  made.textContent = text;
  return made;
}
