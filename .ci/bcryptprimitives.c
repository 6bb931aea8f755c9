// The one function of Windows's bcryptprimitives.dll that Rust's standard library calls, for versions of Wine without it.

#include <windows.h>
#include <ntsecapi.h>

BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return RtlGenRandom(data, (ULONG)size); }
