"""Take from a process the right to open connections, by a seccomp filter of the Linux kernel.

The token guard refuses SERVICE, but it reads tokens where the engine parses a grammar; this holds whatever a query says.
https://www.kernel.org/doc/html/latest/userspace-api/seccomp_filter.html
"""

import ctypes
import errno
import platform
import struct

# Audit number of the architecture, and its numbers of the system calls seccomp, socket and connect.
CALLS = {"x86_64": (0xC000003E, 317, 41, 42), "aarch64": (0xC00000B7, 277, 198, 203)}
NO_NEW_PRIVILEGES = 38
SET_MODE_FILTER, ALL_THREADS = 1, 1
LOAD, EQUALS, RETURN = 0x20, 0x15, 0x06  # BPF: load a word, jump if equal, return
ALLOW, DENY = 0x7FFF0000, 0x00050000 | errno.EPERM
CALL_NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def deny_sockets() -> bool:
    """Let socket() and connect() fail with EPERM in every thread of this process, for good.

    False where the kernel or the architecture has no such filter: then only the token guard stands between.
    """
    if platform.system() != "Linux" or platform.machine() not in CALLS:
        return False
    audit, seccomp, *denied = CALLS[platform.machine()]
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUALS, 0, len(denied) + 2, audit),  # a call of another architecture's numbers: refused below
        (LOAD, 0, 0, CALL_NUMBER),
        *((EQUALS, len(denied) - index, 0, number) for index, number in enumerate(denied)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, DENY),
    ]
    code = b"".join(struct.pack("HBBI", *step) for step in steps)
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return library.syscall(seccomp, SET_MODE_FILTER, ALL_THREADS, ctypes.byref(_Program(len(steps), code))) == 0
