#pragma once
enum { O_WRONLY = 1, O_CREAT = 0x200, O_TRUNC = 0x400 };
int open(const char *, int, ...);
