// The page: reads the queue every few seconds and shows it; every change is planned first.

import { call, token } from './api.js';
import { clock, showChart } from './chart.js';
import { askForToken, askWhetherTo, isAsking } from './dialogs.js';
import { show } from './table.js';

const period = 5000;
const activityPeriod = 60000;
const mostShown = 200;
// As many as one call of the server takes.
const mostCleaned = 1000;
const themeKey = 'taskqueue-theme';

const part = id => document.getElementById(id);
let activityAt = -Infinity;
let refreshing = null;

function rules() {
  return { max_age_hours: part('age').value, include_stalled: part('stalled').checked, include_live: part('live').checked };
}

async function refresh() {
  try {
    const [stats, judged, operations] = await Promise.all([
      call('GET', 'stats'),
      call('GET', 'stuck', { ...(part('rules').checkValidity() ? rules() : {}), include_healthy: true }),
      call('GET', 'operations', { limit: 20 }),
    ]);
    showCounts(stats.data);
    showRunning(judged);
    showOperations(operations.data);
    if (performance.now() - activityAt >= activityPeriod) {
      await showActivity();
    }

    part('state').className = '';
    part('state').textContent = `As of ${new Date().toLocaleTimeString()}`;
    part('forget').hidden = !token.known;
  } catch (error) {
    part('state').className = 'lost';
    part('state').textContent = error.message;
    if (error.status === 401) {
      await signIn();
    }
  }
}

/** Runs one refresh at a time. A call meanwhile waits for the one that runs. */
function refreshed() {
  refreshing ??= refresh().finally(() => refreshing = null);
  return refreshing;
}

async function signIn() {
  const given = await askForToken(token.known !== null);
  if (given) {
    token.set(given);
    setTimeout(refreshed);
  } else {
    token.forget();
    part('forget').hidden = true;
  }
}

function showCounts(stats) {
  const counts = {
    pending: stats.pending, running: stats.running, success: stats.completed, failed: stats.failed, cancelled: stats.cancelled,
    total: stats.total,
  };
  part('counts').replaceChildren(...Object.entries(counts).map(([name, value]) => {
    const group = document.createElement('div');
    group.append(document.createElement('dt'), document.createElement('dd'));
    group.children[0].textContent = name;
    group.children[1].textContent = value.toLocaleString();
    group.dataset.count = name;
    return group;
  }));
}

function showRunning(judged) {
  part('queue').textContent = judged.queue;
  document.title = judged.stuck > 0 ? `(${judged.stuck} stuck) Task queue` : 'Task queue';
  const suspects = judged.data.filter(task => task.verdict !== 'Healthy');
  const healthy = judged.data.filter(task => task.verdict === 'Healthy');
  part('stuck-count').textContent = `${judged.stuck} of ${judged.running} running`;
  part('running-count').textContent = `${healthy.length} more`;
  part('remarks').replaceChildren(...judged.remarks.map(remark => Object.assign(document.createElement('li'), { textContent: remark })));
  show(part('stuck'), suspects.slice(0, mostShown), task => task.task_id, task => [
    task.task_id, task.task_type, ageOf(task), { text: task.verdict, class: `verdict verdict-${task.verdict}` }, task.evidence,
    task.skip_reason ?? 'would stop it',
  ], stopOf);
  show(part('running'), healthy.slice(0, mostShown), task => task.task_id, task => [
    task.task_id, task.task_type, ageOf(task), task.worker ?? '', task.evidence,
  ], stopOf);
  part('stuck-none').hidden = suspects.length > 0;
  part('running-none').hidden = healthy.length > 0;
  const hidden = Math.max(suspects.length - mostShown, 0) + Math.max(healthy.length - mostShown, 0);
  part('running-more').hidden = hidden === 0;
  part('running-more').textContent = `${hidden} more are not shown: the oldest stand first.`;
}

function ageOf(task) {
  return { text: task.age ?? '', class: 'age' };
}

function showOperations(operations) {
  show(part('operations'), operations, operation => operation.operation_id, operation => [
    new Date(operation.at).toLocaleString(), operation.kind, operation.tasks?.toLocaleString() ?? '–',
    `${operation.user} @ ${operation.machine}`, operation.reason ?? '',
  ], operation => operation.tasks > 0 && !operation.undone_by && operation.kind !== 'undo'
    ? {
      text: 'Undo…', label: `Undo ${operation.kind} of ${new Date(operation.at).toLocaleString()}`,
      run: () => undo(operation.operation_id),
    }
    : null);
  part('operations-none').hidden = operations.length > 0;
}

async function showActivity() {
  const activity = await call('GET', 'activity');
  activityAt = performance.now();
  showChart(part('chart'), part('chart-text'), part('legend'), activity);
  show(part('hours'), activity.data, hour => hour.from, hour => [
    clock(hour.from), `${hour.success}`, `${hour.failed}`, `${hour.cancelled}`,
  ]);
}

function stopOf(task) {
  return { text: 'Stop…', label: `Stop ${task.task_id}`, run: () => stop(task) };
}

/** Plans, asks, carries out, and says what was done; or says why not. */
async function change(plan, carryOut) {
  try {
    const question = await plan();
    const decision = await askWhetherTo(question);
    if (!decision) {
      return;
    }

    const done = await carryOut(decision.reason, question);
    const said = [done.message, ...(done.backup ? [`The backup is ${done.backup}.`] : []), ...(done.warnings ?? [])];
    tell(said.join(' '), done.warnings?.length > 0, done.operation_id);
  } catch (error) {
    tell(error.message, true);
    if (error.status === 401) {
      await signIn();
    }
  } finally {
    activityAt = -Infinity;
    await refreshed();
  }
}

function stop(task) {
  const path = `cancel/${encodeURIComponent(task.task_id)}`;
  return change(
    async () => ({
      title: `Stop ${task.task_id}`,
      text: planned((await call('POST', path, { force: true, dry_run: true })).message),
      remarks: [`${task.verdict}: ${task.evidence}`],
      confirm: 'Stop it',
      isPossible: true,
    }),
    reason => call('POST', path, { force: true, reason }));
}

function cleanUp() {
  const asked = { ...rules(), requeue: part('requeue').checked };
  return change(
    async () => {
      tell('Looking at the running tasks. Where only an expired lease speaks against one, this takes up to 30 seconds: '
        + 'its worker may renew it.', false);
      const plan = await call('POST', 'cleanup', asked);
      part('notice').hidden = true;
      const meant = plan.stuck.slice(0, mostCleaned);
      return {
        title: 'Clean up stuck tasks',
        text: `${planned(plan.message)} Left alone: ${plan.skipped.length} of ${plan.found} running.`,
        remarks: plan.remarks,
        tasks: meant.map(task => `${task.task_id}: ${task.verdict}, ${task.evidence}`),
        confirm: `Back up, then stop ${meant.length}`,
        isPossible: meant.length > 0,
        ids: meant.map(task => task.task_id),
      };
    },
    (reason, question) => call('POST', 'cleanup', { ...asked, dry_run: 'false', reason }, { task_ids: question.ids }));
}

function undo(operation) {
  const path = `operations/${encodeURIComponent(operation)}/undo`;
  const asked = { requeue: part('undo-requeue').checked };
  return change(
    async () => {
      const plan = await call('POST', path, asked);
      return {
        title: `Undo ${plan.undone.kind} of ${new Date(plan.undone.at).toLocaleString()}`,
        text: planned(plan.message),
        remarks: plan.remarks,
        tasks: [
          ...plan.restored.map(task => `${task.task_id}: ${task.status}${task.note ? ` (${task.note})` : ''}`),
          ...plan.skipped.map(task => `${task.task_id} is left alone: ${task.skip_reason}`),
        ],
        confirm: `Bring back ${plan.restored.length}`,
        isPossible: plan.restored.length > 0,
      };
    },
    reason => call('POST', path, { ...asked, dry_run: 'false', reason }));
}

/** What a plan says, without the advice for those who call the server themselves. */
function planned(message) {
  return message.replace('; dry_run=false carries it out', '');
}

function tell(text, isBad, operation) {
  part('notice').hidden = false;
  part('notice').className = isBad ? 'notice bad' : 'notice';
  part('notice-text').textContent = text;
  part('notice-undo').hidden = !operation;
  part('notice-undo').onclick = () => undo(operation);
}

function setTheme(theme) {
  part('theme').value = theme;
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(themeKey, theme);
}

setTheme(localStorage.getItem(themeKey) ?? '');
part('theme').addEventListener('change', event => setTheme(event.target.value));
part('forget').addEventListener('click', () => {
  token.forget();
  location.reload();
});
part('notice-close').addEventListener('click', () => part('notice').hidden = true);
part('rules').addEventListener('submit', event => {
  event.preventDefault();
  cleanUp();
});
part('rules').addEventListener('change', refreshed);
document.addEventListener('visibilitychange', () => document.hidden || refreshed());
setInterval(() => document.hidden || isAsking() || refreshed(), period);
refreshed();
