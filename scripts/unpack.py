"""Takes files out of a Python package: unpack.py PACKAGE REGEX FOLDER.

Those are taken whose whole path matches; the first group is the path below FOLDER.
"""

import os
import re
import sys
import tarfile
import zipfile

package, pattern, folder = sys.argv[1:]


def files():
    if package.endswith(".whl"):
        with zipfile.ZipFile(package) as z:
            for name in z.namelist():
                if not name.endswith("/"):
                    yield name, lambda: z.read(name)
    else:
        with tarfile.open(package) as t:
            for member in t:
                if member.isfile():
                    yield member.name, lambda: t.extractfile(member).read()


for name, read in files():
    if match := re.fullmatch(pattern, name):
        path = os.path.join(folder, match[1])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".part", "wb") as out:
            out.write(read())
        os.replace(path + ".part", path)
