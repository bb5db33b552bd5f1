// The two questions of the page: for the token, and whether a plan is to be carried out.

const part = id => document.getElementById(id);

/** Waits until a dialog is closed; the value of the button that closed it, or '' where it was dismissed. */
function ask(dialog) {
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => resolve(dialog.returnValue), { once: true }));
}

/** @returns {Promise<string | null>} The token; null where none was given. */
export async function askForToken(wasRefused) {
  const why = wasRefused ? 'The server does not know this token.' : 'The server asks for a token.';
  part('sign-in-text').textContent = `${why} It is kept in this tab only, until the tab is closed.`;
  part('token').value = '';
  const answer = await ask(part('sign-in'));
  return answer === 'confirm' && part('token').value.trim() || null;
}

/**
 * Shows what would be done.
 * @returns {Promise<{reason: string} | null>} null where it is not to be done.
 */
export async function askWhetherTo({ title, text, remarks = [], tasks = [], confirm, isPossible }) {
  part('plan-title').textContent = title;
  part('plan-text').textContent = text;
  part('plan-remarks').replaceChildren(...remarks.map(item));
  part('plan-tasks').replaceChildren(...tasks.map(item));
  part('plan-reason').value = '';
  part('plan-confirm').textContent = confirm;
  part('plan-confirm').disabled = !isPossible;
  return await ask(part('plan')) === 'confirm' ? { reason: part('plan-reason').value.trim() } : null;
}

/** True while a dialog is open. */
export function isAsking() {
  return document.querySelector('dialog[open]') !== null;
}

function item(text) {
  const made = document.createElement('li');
  made.textContent = text;
  return made;
}
