/** Distributions for tests of the import audit: one for each way in which an import can reach compiled code, or not. */
import { join } from "node:path";
import { declared, type TestEnvironment, undeclared } from "./importEnvironments.ts";

export async function installSamples(machine: TestEnvironment): Promise<void> {
  const project = join(machine.folder, "elsewhere");
  await machine.write(project, {
    "inplace/src/inplace/__init__.py": "from . import _core\n",
    "inplace/src/inplace/_core": undeclared,
    "finder/odd_place/finderpkg/__init__.py": "import finderpkg.speed\n",
    "finder/odd_place/finderpkg/speed": declared,
    "hidden/src/hidden_project/__init__.py": "import undeclared\n",
  });
  await machine.install("plain", "1.0", {
    "plain/__init__.py": "import json\nfrom .part import thing\n",
    "plain/part.py": "thing = 1\n",
  });
  await machine.install("declared", "1.0", {
    "declared/__init__.py": "from ._fast import *\n",
    "declared/_fast": declared,
  });
  await machine.install("undeclared", "2.1", {
    "undeclared/__init__.py": "from . import _fast, _other\n",
    "undeclared/_fast": undeclared,
    "undeclared/_other": { gil: "Py_MOD_GIL_USED" },
  });
  await machine.install("chain-top", "1.0", { "chain_top.py": "import chain_middle.deep\n" });
  await machine.install("chain-middle", "1.0", {
    "chain_middle/__init__.py": "",
    "chain_middle/deep.py": "import undeclared\n",
  });
  await machine.install("lazy", "1.0", {
    "lazy/__init__.py":
      "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import undeclared\n\ndef use():\n    import undeclared\n    return undeclared\n\nif __name__ == '__main__':\n    import undeclared\n",
  });
  await machine.install("versions", "1.0", {
    "versions/__init__.py":
      "import sys\nif sys.version_info < (3, 9):\n    import undeclared\nelse:\n    import declared\nif sys.platform == 'nowhere':\n    import undeclared\n",
  });
  await machine.install("optional", "1.0", {
    "optional/__init__.py":
      "try:\n    from declared import _fast\nexcept ImportError:\n    import undeclared\ntry:\n    import not_there_at_all\nexcept ImportError:\n    from . import fallback\n",
    "optional/fallback.py": "value = 1\n",
  });
  await machine.install("optional-there", "1.0", {
    "optional_there/__init__.py": "try:\n    import undeclared\nexcept ImportError:\n    undeclared = None\n",
  });
  await machine.install("other-build", "1.0", {
    "other_build/__init__.py": "from . import _fast\n",
    "other_build/_fast": { suffix: ".cpython-313-x86_64-linux-gnu.so" },
  });
  await machine.install("falls-back", "1.0", {
    "falls_back/__init__.py":
      "try:\n    from ._fast import answer\nexcept ImportError:\n    from ._slow import answer\n",
    "falls_back/_slow.py": "answer = 1\n",
    "falls_back/_fast": { suffix: ".cpython-313-x86_64-linux-gnu.so" },
  });
  await machine.install("insists", "1.0", {
    "insists/__init__.py":
      "try:\n    from . import _fast\nexcept ImportError as error:\n    raise ImportError('broken') from error\n",
    "insists/_fast": { suffix: ".cpython-313-x86_64-linux-gnu.so" },
  });
  await machine.install("stable-abi", "1.0", {
    "stable_abi/__init__.py": "from . import _fast\n",
    "stable_abi/_fast": { suffix: ".abi3.so" },
  });
  await machine.install("ns-one", "1.0", { "spaces/one/__init__.py": "" });
  await machine.install("ns-two", "3.0", {
    "spaces/two/__init__.py": "import spaces.two._fast\n",
    "spaces/two/_fast": undeclared,
  });
  await machine.install("single", "1.0", { single: undeclared });
  await machine.install("shadow", "1.0", {
    "shadow/__init__.py": "from . import both\n",
    "shadow/both.py": "x = 1\n",
    "shadow/both": undeclared,
  });
  // Editable installs: a path, a finder, and one whose finder tells nothing.
  await machine.write(machine.site, {
    "__editable__.inplace-0.1.pth": `${project}/inplace/src\n`,
    "inplace-0.1.dist-info/METADATA": "Name: inplace\nVersion: 0.1\n",
    "inplace-0.1.dist-info/RECORD": "__editable__.inplace-0.1.pth,,\n",
    "inplace-0.1.dist-info/direct_url.json": JSON.stringify({
      url: `file://${project}/inplace`,
      dir_info: { editable: true },
    }),
    "__editable__.finderpkg-0.2.pth":
      "import __editable___finderpkg_0_2_finder; __editable___finderpkg_0_2_finder.install()\n",
    "__editable___finderpkg_0_2_finder.py": `import sys, importlib.machinery, importlib.util\nMAPPING: dict[str, str] = {'finderpkg': '${project}/finder/odd_place/finderpkg'}\nclass Finder:\n    @classmethod\n    def find_spec(cls, name, path=None, target=None):\n        if name in MAPPING:\n            return importlib.util.spec_from_file_location(name, MAPPING[name] + '/__init__.py')\ndef install():\n    sys.meta_path.append(Finder)\n`,
    "finderpkg-0.2.dist-info/METADATA": "Name: finderpkg\nVersion: 0.2\n",
    "finderpkg-0.2.dist-info/RECORD": "__editable__.finderpkg-0.2.pth,,\n",
    "hidden-0.3.dist-info/METADATA": "Name: hidden\nVersion: 0.3\n",
    "hidden-0.3.dist-info/RECORD": "\n",
    "hidden-0.3.dist-info/direct_url.json": JSON.stringify({
      url: `file://${project}/hidden`,
      dir_info: { editable: true },
    }),
    "evil.pth": `import os; open(${JSON.stringify(join(machine.folder, "was-run"))}, "a").close()\n# a comment\n\n/not/there\n`,
  });
}
