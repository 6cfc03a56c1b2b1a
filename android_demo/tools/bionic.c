/*
 * What Android's C library has and Linux's lacks, as far as TensorFlow Lite's library for x86_64 needs it; JvmLibrary.java
 * compiles it. A function whose name begins with a capital takes the place of one that both have, but with other types or
 * numbers: JvmLibrary.java changes the names in TensorFlow Lite's library.
 */
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int *__errno(void) { return &errno; }

/* Android's standard streams are places in this table, of 152 bytes each. */
char __sF[3][152];

static FILE *stream_of(void *stream) {
    if (stream == __sF[0]) return stdin;
    if (stream == __sF[1]) return stdout;
    return stream == __sF[2] ? stderr : stream;
}

int Vfprintf(void *stream, const char *format, va_list values) { return vfprintf(stream_of(stream), format, values); }

int Fprintf(void *stream, const char *format, ...) {
    va_list values;
    va_start(values, format);
    int written = Vfprintf(stream, format, values);
    va_end(values);
    return written;
}

int Fputc(int character, void *stream) { return fputc(character, stream_of(stream)); }
int Fflush(void *stream) { return fflush(stream_of(stream)); }
int Fclose(void *stream) { return fclose(stream_of(stream)); }
int Fileno(void *stream) { return fileno(stream_of(stream)); }

size_t Fwrite(const void *bytes, size_t size, size_t count, void *stream) {
    return fwrite(bytes, size, count, stream_of(stream));
}

/*
 * More aligned than asked: XNNPACK of 2.16.1 has a kernel for AVX-512 that ends the process if its operator is not at a
 * multiple of 64. No phone has AVX-512; this computer may have.
 */
static size_t aligned(size_t alignment) { return alignment < 64 ? 64 : alignment; }

void *Memalign(size_t alignment, size_t size) { return memalign(aligned(alignment), size); }

int Posix_memalign(void **memory, size_t alignment, size_t size) {
    return posix_memalign(memory, aligned(alignment), size);
}

/* The constants of Android's <unistd.h> that the library asks for. */
long Sysconf(int name) {
    if (name == 0x27 || name == 0x28) return sysconf(_SC_PAGESIZE);
    if (name == 0x60) return sysconf(_SC_NPROCESSORS_CONF);
    if (name == 0x61) return sysconf(_SC_NPROCESSORS_ONLN);
    fprintf(stderr, "bionic.c: sysconf(%d) is asked for, which has no entry yet\n", name);
    abort();
}

/* Android's is that of POSIX; Linux has it by another name. */
extern int __xpg_strerror_r(int number, char *text, size_t size);
int Strerror_r(int number, char *text, size_t size) { return __xpg_strerror_r(number, text, size); }

size_t __strlen_chk(const char *text, size_t size) {
    size_t length = strlen(text);
    if (length >= size) abort();
    return length;
}

/* TensorFlow Lite asks for Android's version, from which on XNNPACK is the default. */
int __system_property_get(const char *name, char *value) {
    strcpy(value, strcmp(name, "ro.build.version.sdk") == 0 ? "24" : "");
    return (int)strlen(value);
}

/* The library prints its messages on standard error too. */
int __android_log_vprint(int priority, const char *tag, const char *format, va_list values) {
    (void)priority, (void)tag, (void)format, (void)values;
    return 1;
}

void android_set_abort_message(const char *message) { fprintf(stderr, "%s\n", message); }
