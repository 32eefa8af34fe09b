#pragma once
enum { O_WRONLY = 1, O_CREAT = 0x200 };
int open(const char *, int, ...);
