/** What to know and to do about single packages; each entry with the page it stands on. */

/** Packages that run without the GIL and document that their objects must not be changed while threads share them. */
const sharing: Readonly<Record<string, readonly [text: string, page: string]>> = {
  numpy: [
    "NumPy documents that arrays shared between threads must not be changed without a lock; resizing one that another thread reads can crash",
    "https://numpy.org/doc/stable/reference/thread_safety.html",
  ],
  scipy: [
    "SciPy documents that arrays shared between threads must not be changed without a lock, as NumPy does",
    "https://docs.scipy.org/doc/scipy/tutorial/thread_safety.html",
  ],
  pandas: [
    "pandas documents that it is not fully thread-safe: copying data frames that threads share needs a lock",
    "https://pandas.pydata.org/docs/user_guide/gotchas.html#thread-safety",
  ],
  pillow: [
    "Pillow documents that an image must not be changed while another thread uses it",
    "https://pillow.readthedocs.io/en/latest/handbook/thread-safety.html",
  ],
  h5py: [
    "h5py holds one lock of its own around HDF5, so its calls do not run in parallel",
    "https://docs.h5py.org/en/stable/threads.html",
  ],
};

const switches: Readonly<Record<string, readonly [text: string, page: string]>> = {
  sqlalchemy: [
    "set the environment variable DISABLE_SQLALCHEMY_CEXT_RUNTIME=1 to leave its extension modules unloaded",
    "https://github.com/sqlalchemy/sqlalchemy/issues/13592",
  ],
};

/** Same purpose, other interface: named only where the replacement itself is known to be usable. */
const replacements: Readonly<Record<string, string>> = {
  mysqlclient: "pymysql (pure Python)",
  psycopg2: "psycopg (version 3, pure Python where psycopg-c is not installed)",
  "psycopg2-binary": "psycopg (version 3, pure Python where psycopg-c is not installed)",
  levenshtein: "rapidfuzz (3.14.0 or later)",
  orjson: "the json module, or msgspec (0.20.0 or later, for 3.14t)",
};

export function sharingNote(distribution: string): string | undefined {
  const entry = sharing[distribution];
  return entry && `${entry[0]} (${entry[1]}).`;
}

export function switchAdvice(distribution: string): string | undefined {
  const entry = switches[distribution];
  return entry && `Or ${entry[0]} (${entry[1]}).`;
}

export function replacementAdvice(distribution: string): string | undefined {
  const name = replacements[distribution];
  return name && `A replacement to consider: ${name}.`;
}
