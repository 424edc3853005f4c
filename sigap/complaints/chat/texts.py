"""What the bot says, in Indonesian and English: short, friendly, to anybody. Data, no rules.

Not translated through the screens' catalogue: these go to citizens, whose language is that of the
conversation, and are bound to the limits of WhatsApp (body 1,024, button 20, row 24 characters).
"""

from typing import Any

# key: (Indonesian, English)
TEXTS: dict[str, tuple[str, str]] = {
    "notice": (
        "Halo, ini layanan aduan {service}. Nomor dan isi pesan disimpan untuk menangani laporan "
        "saja, sesuai UU 27/2022. *Darurat? Telepon 112.*",
        "Hello, this is the reporting service {service}. Your number and messages are kept only to "
        "handle your report (UU 27/2022). *Emergency? Call 112.*",
    ),
    "what": (
        "Silakan ceritakan apa yang terjadi dan di mana. Boleh teks, foto, atau pesan suara.",
        "Please tell us what happened and where. Text, a photo or a voice note are all fine.",
    ),
    "file_what": (
        "Sudah kami terima. Mohon tulis singkat apa yang dilaporkan.",
        "We have it. Please write in a few words what it is about.",
    ),
    "outside_what": (
        "Lokasi itu di luar wilayah {city}. Laporan di wilayah {city} dapat diceritakan di sini.",
        "That place is outside {city}. You can tell us here about anything within {city}.",
    ),
    "which": ("Laporan ini tentang apa?", "What is your report about?"),
    "where": (
        "Di mana lokasinya? Kirim lokasi lewat tombol di bawah, atau tulis alamat/patokannya.",
        "Where is it? Send the location with the button below, or write the address or a landmark.",
    ),
    "there": (
        "Apakah lokasinya di {place}?",
        "Is it at {place}?",
    ),
    "which_place": ("Yang mana lokasinya?", "Which place is it?"),
    "which_area": (
        "Baik, kami catat. Ada di kelurahan mana? Pilih kelompok abjadnya.",
        "Noted. Which kelurahan (neighbourhood) is it in? Choose its letters.",
    ),
    "areas": ("Pilih kelurahannya.", "Choose the kelurahan."),
    "outside": (
        "Lokasi itu di luar wilayah {city}. Mohon kirim lokasi lain atau tulis alamatnya.",
        "That place is outside {city}. Please send another or write the address.",
    ),
    "right": (
        "{summary}\n\nSudah benar? Kirim sekarang?\n(Ketik ANONIM bila nama Anda harus "
        "disembunyikan dari dinas, RAHASIA bila laporan tidak boleh ditampilkan untuk umum.)",
        "{summary}\n\nIs this right? Send it now?\n(Type ANONYMOUS to hide your name from the "
        "agency, CONFIDENTIAL to keep the report off public lists.)",
    ),
    "change": (
        "Baik, silakan tulis ulang laporannya dengan lengkap.",
        "All right, please write the report again in full.",
    ),
    "filed": (
        "Terima kasih, laporan diterima.\nNomor: *{number}*\nPantau: {link}\nKami kabari di sini "
        "bila ada perkembangan.",
        "Thank you, we have your report.\nNumber: *{number}*\nTrack it: {link}\nWe will tell you "
        "here when there is news.",
    ),
    "resumed": (
        "Kami lanjutkan laporan yang tertunda: “{body}”. Ketik BATAL bila tidak jadi.",
        "We go on with your unfinished report: “{body}”. Type CANCEL to drop it.",
    ),
    "still_there": (
        "Laporan belum selesai. Lanjutkan kapan saja dengan membalas pesan ini; sementara kami "
        "simpan dulu.",
        "Your report is not finished. Go on whenever you like by replying; we keep it until then.",
    ),
    "whose": (
        "Apakah ini tambahan untuk laporan {number}, atau laporan baru?",
        "Does this belong to your report {number}, or is it a new one?",
    ),
    "added": (
        "Tambahan untuk laporan {number} sudah kami catat. Terima kasih.",
        "We have added this to your report {number}. Thank you.",
    ),
    "added_late": (
        "Laporan {number} sudah ditutup; pesan ini tetap kami simpan dan dibaca petugas.",
        "Report {number} is closed; your message is kept and our staff will read it.",
    ),
    "add_what": (
        "Silakan kirim tambahan untuk laporan {number}: teks, foto, atau pesan suara.",
        "Please send what you want to add to report {number}: text, photo or voice note.",
    ),
    "no_reports": (
        "Belum ada laporan dari nomor ini. Ceritakan saja apa yang terjadi untuk melapor.",
        "There is no report from you yet. Just tell us what happened to make one.",
    ),
    "status": ("{reports}", "{reports}"),
    "status_line": ("*{number}*: {state}\n{link}", "*{number}*: {state}\n{link}"),
    "help": (
        "Ceritakan saja apa yang terjadi untuk melapor.\nSTATUS: perkembangan laporan\nTAMBAH: "
        "menambah keterangan atau foto\nBATAL: membatalkan\nPETUGAS: bicara dengan petugas\n"
        "*Darurat: telepon 112*",
        "Just tell us what happened to make a report.\nSTATUS: how your reports are doing\nADD: "
        "add words or photos\nCANCEL: drop what you began\nOPERATOR: talk to a person\n"
        "*Emergency: call 112*",
    ),
    "anonymous": (
        "Baik, nama dan nomor Anda disembunyikan dari dinas dan umum; hanya petugas pusat kota "
        "yang melihatnya. Silakan lanjutkan.",
        "All right, your name and number are hidden from agencies and the public; only the city's "
        "centre sees them. Please go on.",
    ),
    "secret": (
        "Baik, laporan ini rahasia: tidak masuk daftar umum mana pun. Silakan lanjutkan.",
        "All right, this report is confidential: it is on no public list. Please go on.",
    ),
    "cancelled": (
        "Baik, dibatalkan. Tulis lagi kapan saja bila perlu.",
        "All right, cancelled. Write again whenever you need to.",
    ),
    "nothing_open": (
        "Tidak ada laporan yang sedang dibuat. Ketik STATUS untuk melihat laporan.",
        "There is nothing to cancel. Type STATUS to see your reports.",
    ),
    "goodbye": (
        "Sama-sama. Kami siap membantu kapan saja.",
        "You are welcome. We are here whenever you need us.",
    ),
    "person_comes": (
        "Baik, petugas akan membalas di sini pada jam kerja. Darurat: telepon 112.",
        "All right, a person will answer here during working hours. Emergency: call 112.",
    ),
    "language": ("Baik, kita lanjutkan dalam bahasa Indonesia.", "All right, English it is."),
    "unreadable": (
        "Maaf, jenis pesan itu belum dapat kami baca. Mohon tulis dengan teks.",
        "Sorry, we cannot read that kind of message. Please write it as text.",
    ),
    "stale": (
        "Pilihan itu sudah tidak berlaku. Silakan jawab pertanyaan terakhir atau ceritakan lagi.",
        "That choice is over. Please answer the last question or tell us again.",
    ),
    "abuse": (
        "Kami mengerti bila kesal. Ceritakan masalahnya, kami bantu.",
        "We understand that you are upset. Tell us what is wrong and we will help.",
    ),
    "spam": (
        "Nomor ini khusus untuk laporan warga {city}.",
        "This number is for reports by citizens of {city} only.",
    ),
    "child": (
        "Terima kasih sudah bercerita. Bila bisa, ajak orang tua atau guru. Kalau ada bahaya, "
        "telepon 112.",
        "Thank you for telling us. If you can, ask a parent or teacher to help. In danger, call "
        "112.",
    ),
    "danger": (
        "⚠️ *Bila ini darurat, segera telepon 112.*\nTidak bisa menelepon? Kami sambungkan ke "
        "petugas 112 sekarang lewat pesan ini.",
        "⚠️ *If this is an emergency, call 112 now.*\nCannot call? We connect you to the 112 "
        "operator through this chat.",
    ),
    "maybe_danger": (
        "Apakah ini sedang terjadi dan berbahaya? *Bila ya, telepon 112.* Atau kami sambungkan "
        "ke petugas 112 lewat pesan ini.",
        "Is this happening now, and dangerous? *If so, call 112.* Or we connect you to the 112 "
        "operator through this chat.",
    ),
    "emergency": (
        "Pesan sudah di layar petugas 112. Tulis *lokasi* dan keadaan sekarang di sini. Bila bisa, "
        "tetap telepon 112.",
        "Your message is on the 112 operator's screen. Write *where* you are and what happens. "
        "If you can, still call 112.",
    ),
    "emergency_taken": (
        "Petugas 112 membaca pesan ini dan menjawab di sini.",
        "A 112 operator reads this chat now and answers here.",
    ),
    "no_emergency": ("Baik, bukan darurat.", "All right, no emergency."),
    "taken_over": (
        "Petugas kami sekarang menjawab di sini.",
        "One of our staff answers here now.",
    ),
    "handed_back": (
        "Petugas sudah selesai. Tulis lagi bila ada yang lain.",
        "Our colleague is done. Write again if there is anything else.",
    ),
    # News of a report
    "news_sent": (
        "Laporan *{number}* diteruskan ke {agency}.",
        "Your report *{number}* was sent to {agency}.",
    ),
    "news_plan": (
        "Laporan *{number}*: rencana {agency}{day}: {words}",
        "Your report *{number}*: {agency} plans{day}: {words}",
    ),
    "news_progress": (
        "Laporan *{number}*: kabar dari {agency}: {words}",
        "Your report *{number}*: news from {agency}: {words}",
    ),
    "news_held": (
        "Laporan *{number}* menunggu keterangan dari pelapor ({words}). Balas di sini, "
        "akan kami teruskan.",
        "Your report *{number}* waits for you ({words}). Reply here and we pass it on.",
    ),
    "news_done": (
        "Laporan *{number}* dinyatakan selesai: {words}\n\nSudah selesai? Beri nilai 5 (sangat "
        "puas) sampai 1, atau pilih “Belum selesai”.",
        "Your report *{number}* is said to be done: {words}\n\nIs it solved? Rate it from 5 (very "
        "good) to 1, or choose “Not solved”.",
    ),
    "news_done_joined": (
        "Laporan *{number}*, yang ditangani bersama laporan lain, dinyatakan selesai: {words}\n\n"
        "Balas di sini bila belum selesai.",
        "Your report *{number}*, which was handled with another, is said to be done: {words}\n\n"
        "Reply here if it is not solved.",
    ),
    "news_reply": (
        "Laporan *{number}*, dari petugas: {words}",
        "Your report *{number}*, from our staff: {words}",
    ),
    "news_archived": (
        "Laporan *{number}* diarsipkan: {words}. Balas di sini bila kurang tepat.",
        "Your report *{number}* was put away: {words}. Reply here if that is wrong.",
    ),
    "news_attached": (
        "Laporan *{number}* digabung dengan laporan lain yang sama dan ditangani bersama.",
        "Your report *{number}* was joined with another about the same and is handled with it.",
    ),
    "news_promoted": (
        "Laporan *{number}* kami tangani sebagai kejadian darurat.",
        "Your report *{number}* is handled as an emergency.",
    ),
    "how_was_it": (
        "Terima kasih, laporan {number} ditutup. Bagaimana penanganannya? Beri nilai 1 sampai 5.",
        "Thank you, report {number} is closed. How did we do? Rate it from 1 to 5.",
    ),
    "confirmed": (
        "Terima kasih atas penilaiannya. Laporan {number} ditutup.",
        "Thank you. Report {number} is closed.",
    ),
    "rescored": (
        "Terima kasih, nilai laporan {number} sekarang {score}.",
        "Thank you, report {number} is rated {score} now.",
    ),
    "score_again": (
        "Berapa nilainya, dari 1 sampai 5?",
        "Which mark do you give, from 1 to 5?",
    ),
    "rate_over": (
        "Saat ini tidak ada yang dapat dinilai. Ceritakan saja bila ada yang perlu disampaikan.",
        "There is nothing to rate now. Just write if you want to tell us anything.",
    ),
    # To a caller of 112. It does not say what they had called about: somebody else may read it.
    "survey": (
        "Anda menghubungi 112 pada {day}. Seberapa puas Anda dengan penanganannya? Beri nilai 1 "
        "(tidak puas) sampai 5 (sangat puas).",
        "You called 112 on {day}. How satisfied are you with how it was handled, from 1 (not at "
        "all) to 5 (very)?",
    ),
    "rated": (
        "Terima kasih, nilai {score} kami catat. Ketik UBAH NILAI bila keliru.",
        "Thank you, we have noted {score}. Type CHANGE RATING if that is wrong.",
    ),
    "survey_refused": (
        "Baik, tidak kami tanyakan lagi. Terima kasih.",
        "All right, we will not ask again. Thank you.",
    ),
    "why": (
        "Mohon maaf. Apa yang belum selesai pada laporan {number}? Boleh dengan foto.",
        "We are sorry. What is not solved about report {number}? A photo is welcome.",
    ),
    "contested": (
        "Laporan {number} kami buka lagi dan teruskan ke dinasnya.",
        "Report {number} is open again and goes back to the agency.",
    ),
    "not_contested": (
        "Laporan {number} tidak dapat dibuka lagi; pesan ini dibaca petugas.",
        "Report {number} cannot be opened again; our staff will read your message.",
    ),
}

# What can be tapped below a text: the choice and its title. `{…}` as in the texts.
BUTTONS: dict[str, list[tuple[str, tuple[str, str]]]] = {
    "right": [
        ("yes", ("✅ Kirim", "✅ Send")),
        ("no", ("✏️ Ubah", "✏️ Change")),
        ("cancel", ("❌ Batal", "❌ Cancel")),
    ],
    "whose": [
        ("add:{complaint}", ("Tambahan", "Add to it")),
        ("new", ("Laporan baru", "New report")),
    ],
    "danger": [
        ("emergency", ("🆘 Ya, darurat", "🆘 Yes, emergency")),
        ("no_emergency", ("Bukan darurat", "No emergency")),
    ],
    "maybe_danger": [
        ("emergency", ("🆘 Ya, darurat", "🆘 Yes, emergency")),
        ("no_emergency", ("Bukan darurat", "No emergency")),
    ],
}
VOICE = ("(pesan suara)", "(voice note)")
LIST_BUTTON = ("Pilih", "Choose")
OTHER_CATEGORY = ("Lainnya", "Something else")
OTHER_PLACE = ("Lokasi lain", "Another place")
SKIP_AREA = ("Tidak tahu", "I do not know")
SCORES = (
    ("Selesai ⭐⭐⭐⭐⭐", "Solved ⭐⭐⭐⭐⭐"),
    ("Selesai ⭐⭐⭐⭐", "Solved ⭐⭐⭐⭐"),
    ("Selesai ⭐⭐⭐", "Solved ⭐⭐⭐"),
    ("Selesai ⭐⭐", "Solved ⭐⭐"),
    ("Selesai ⭐", "Solved ⭐"),
)
STARS = ("⭐⭐⭐⭐⭐", "⭐⭐⭐⭐", "⭐⭐⭐", "⭐⭐", "⭐")
NOT_SOLVED = ("Belum selesai", "Not solved")
SUMMARY = (
    ("Laporan: {body}", "Report: {body}"),
    ("Tentang: {category}", "About: {category}"),
    ("Lokasi: {place}", "Place: {place}"),
    ("Lampiran: {files}", "Files: {files}"),
    ("Sifat: {privacy}", "Privacy: {privacy}"),
)
PRIVACY = {"anonymous": ("anonim", "anonymous"), "secret": ("rahasia", "confidential")}
ON_DAY = (" ({day})", " ({day})")
# The states of a complaint as its citizen is told them.
STATES: dict[str, tuple[str, str]] = {
    "filed": ("diterima, menunggu diteruskan", "received, to be sent on"),
    "disposed": ("diteruskan ke dinas", "with the agency"),
    "in_progress": ("sedang dikerjakan", "being worked on"),
    "answered": ("dijawab dinas, sedang diperiksa", "answered, being checked"),
    "done": ("selesai, menunggu penilaian", "done, waiting for your word"),
    "contested": ("dibuka lagi", "open again"),
    "held": ("menunggu keterangan pelapor", "waiting for you"),
    "closed": ("ditutup", "closed"),
    "archived": ("diarsipkan", "put away"),
    "attached": ("digabung dengan laporan lain", "joined with another"),
    "promoted": ("ditangani sebagai darurat", "handled as an emergency"),
}


def pick(pair: tuple[str, str], language: str) -> str:
    """The one of two in this language."""
    return pair[1] if language == "en" else pair[0]


def fill(pair: tuple[str, str], language: str, values: dict[str, Any]) -> str:
    """A text with its values. What citizens wrote is put in as it is, braces and all."""
    return pick(pair, language).format_map(values)
