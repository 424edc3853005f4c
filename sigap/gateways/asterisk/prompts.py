"""What callers hear: the words, and the sound files made of them.

A city replaces any of the files by its own recording (8 kHz, mono, 16 bit). One that is missing
is no fault: the gate then lets the caller through.
"""

import math
import shutil
import struct
import subprocess
import tempfile
import wave
from pathlib import Path

# The places in the queue that are said.
NUMBERS = ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")

WORDS = {
    "gate": "Anda terhubung dengan layanan darurat satu satu dua {city}. "
    "Bila Anda butuh bantuan, tekan nol, atau bicaralah sekarang.",
    "gate-longer": "Anda terhubung dengan layanan darurat satu satu dua {city}. "
    "Nomor ini hanya untuk keadaan darurat. Bila Anda butuh bantuan, tekan nol, "
    "atau katakan apa yang terjadi. Bila ini tidak sengaja, silakan tutup telepon.",
    "gate-again": "Kami belum mendengar suara Anda. Bila Anda tidak dapat bicara, "
    "tekan tombol apa saja, atau ketuk telepon Anda.",
    "aside": "Sambungan tetap terbuka. Bicaralah atau tekan tombol kapan saja.",
    "wait": "Mohon tunggu, petugas segera menjawab. Jangan tutup telepon.",
    "still": "Semua petugas sedang membantu pelapor lain. Tetaplah di telepon.",
    "return": "Ini layanan darurat satu satu dua {city}. Anda baru saja menghubungi kami. "
    "Mohon tunggu, petugas segera berbicara dengan Anda.",
    "alone": "Anda terhubung dengan layanan darurat satu satu dua. Telepon petugas berdering. "
    "Mohon tunggu.",
    **{
        f"place-{n}": f"Anda nomor {word} dalam antrean."
        for n, word in enumerate(
            ["satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"],
            start=1,
        )
    },
}
RATE = 8000


def speak(folder: Path, city: str) -> list[str]:
    """Make the sound files that are missing, with espeak-ng and sox; returns the names of
    those that could not be made, because these programs are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [name for name in WORDS if not (folder / f"{name}.wav").exists()]
    if missing and not (shutil.which("espeak-ng") and shutil.which("sox")):
        return missing
    for name in missing:
        with tempfile.TemporaryDirectory() as scratch:
            spoken, text = Path(scratch) / "spoken.wav", WORDS[name].format(city=city)
            subprocess.run(
                ["espeak-ng", "-v", "id", "-s", "150", "-w", str(spoken), text], check=True
            )
            form = ["-r", str(RATE), "-c", "1", "-b", "16"]
            made = folder / f".{name}.wav"
            subprocess.run(["sox", str(spoken), *form, str(made), "norm", "-3"], check=True)
            made.rename(folder / f"{name}.wav")
    return []


def chime(path: Path, seconds: float = 8.0) -> None:
    """What is heard while waiting: two soft notes now and then, so that nobody thinks that
    the line is dead, and a voice detector hears no voice."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    notes = ((0.0, 523.25), (0.6, 659.25), (4.0, 523.25), (4.6, 440.0))
    samples = [0.0] * int(seconds * RATE)
    for start, pitch in notes:
        for n in range(int(1.5 * RATE)):
            t = n / RATE
            loud = 0.18 * math.exp(-2.5 * t) * min(1.0, t * 50)
            samples[int(start * RATE) + n] += loud * math.sin(2 * math.pi * pitch * t)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", int(32767 * s)) for s in samples))
