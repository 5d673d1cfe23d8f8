"""STOP, START and HELP in every language and script we are sure of, folded before they are compared.

A word we were not sure of is left out rather than invented: nothing here for Soninke, Mandinka,
Kanuri, Afar, Rohingya, Southern Uzbek, K'iche' and Mam, and no STOP for Fula. A bare yes or no is
no keyword: it may answer a question. A speaker's correction of any line is welcome.

A message means a keyword when, after folding, (1) the whole message is such a word or phrase, or
(2) every word is one, but for companions such as "please" and "messages", or (3) it has at most
four words and begins with one that means STOP and nothing else. Words with another sense ("end",
"arrêté": arrested) never count by (3): a plea for help must not unsubscribe who sends it.
"""

from enum import StrEnum

from locales.folding import fold


class Keyword(StrEnum):
    """Name what a message asks of us before all else."""

    STOP = "stop"
    START = "start"
    HELP = "help"


# Per language, phrases apart by commas; each is folded like a message, so marks and case are free.
STOP_WORDS: dict[str, str] = {
    # A zero is how every menu says stop; "o" is how a zero is often typed.
    "digits": "0, 00, 000, o, zero, صفر",
    # AWS reads "td" as STOP as well.
    "en": "stop, stopp, sstop, stpo, sotp, stoop, stap, st0p, s t o p, stopall, stop all, stop it, "
    "unsubscribe, unsubscribed, unsubcribe, unsuscribe, unsubscibe, unsub, optout, "
    "opt out, opt-out, end, quit, cancel, revoke, remove, delete, exit, enough, no more, td, "
    "leave me alone",
    "fr": "arrêt, arrêter, arrête, arrêtez, arrêts, aret, arette, arrette, arrettez, aretez, "
    "arretter, désabonner, désabonnez, désabonne, me désabonner, se désabonner, désabonnement, "
    "désabonnez-moi, désinscrire, me désinscrire, désinscription, désinscrivez-moi, résilier, "
    "résiliation, annuler, annulez, annule, quitter, assez, ça suffit, ne m'écrivez plus, "
    "ne m'écris plus, laissez-moi tranquille",
    "ar": "توقف, توقفوا, قف, أوقف, أوقفوا, أوقفو, إيقاف, وقف, وقفوا, وقفو, إلغاء, الغي, ألغوا, "
    "إنهاء, كفى, كفاية, يكفي, خلاص, بس, يزي, ستوب, استوب, ستب, لا ترسل, لا ترسلوا, لا ترسلو, "
    "لا تراسلني, لا تراسلوني, لا أريد رسائل, مش عايز رسائل, ما أبغى رسائل, khalas, khlas, kifaya, "
    "tawaqaf, tawakaf, 7bes, hbes, yezzi, yezi, stob, istop, istob, estop",
    "am": "አቁም, አቁሚ, አቁሙ, ይቁም, አቋርጥ, አቋርጡ, አቋርጪ, ይቋረጥ, በቃ, አትላክ, አትላኩ, ስቶፕ, akum, aqum",
    "ti": "ኣቁም, ኣቁሙ, ደው በል, ደው ኣብል, ደው ኣብሉ, ጠጠው ኣብል, ጠጠው ኣብሉ, ኣቋርጽ, ኣቋርጹ, ይኣክል",
    "om": "dhaabi, dhaabaa, dhaabuu, addaan kuti, addaan kutaa, addaan kutuu",
    "so": "jooji, joojiya, jooja, joji, joojin, iska jooji, iga jooji, ii jooji, joogso, ka bax",
    "ha": "tsaya, tsayar, dakata, dakatar, daina, ku daina, a daina, a tsaya, a dakata, ya isa, "
    "soke, ka daina, ki daina",
    "wo": "taxaw, taxawal, bàyyil, bayil, doy na, doyna",
    "bm": "dabila, a dabila",
    "bn": "বন্ধ, বন্ধ করুন, বন্ধ কর, বন্ধ করো, বন্ধ করেন, থামুন, থামান, থামো, থামাও, বাতিল, বাতিল করুন, "
    "স্টপ, bondho, bondho koro, bondho korun, bandho, thamun, thaman, thamo, batil",
    "ur": "بند, بند کرو, بند کریں, بند کر دو, بند کردو, بند کر دیں, بند کردیں, روکو, روکیں, روک دو, "
    "روک دیں, ختم کرو, ختم کریں, سٹاپ, اسٹاپ, band karo, band kro, band karen, band kardo, "
    "band krdo, band kar do, roko, rok do",
    "prs": "توقف, متوقف, متوقف کن, متوقف کنید, لغو, لغو کن, لغو کنید, لغو اشتراک, قطع, قطع کن, "
    "قطع کنید, بس است, بس کن, بس کنید, ایست, استاپ, نفرست, نفرستید, پیام نفرست, پیام نفرستید",
    "ps": "ودروه, ودروئ, ودروی, بند کړه, بند کړئ, بند کړی, بس دی, لغوه",
    "ckb": "بوەستە, بوەستێنە, بوەستێنن, ڕایبگرە, بەسە, ستۆپ",
    "kmr": "raweste, rawestîne, rawestînin, bes, bes e, bese",
    "tr": "dur, durdur, durdurun, durun, iptal, iptal et, iptal edin, çık, çıkış, bitir, yeter, ret, "
    "abonelikten çık, mesaj istemiyorum",
    "es": "alto, parar, pare, paren, párenlo, basta, basta ya, cancelar, cancela, cancele, baja, "
    "dar de baja, darme de baja, darse de baja, deme de baja, detener, detengan, salir, "
    "no más, no más mensajes, eliminar, desuscribir, desuscribirme",
    "pt": "parar, pare, parem, cancelar, cancele, sair, remover, chega, basta, descadastrar, "
    "cancelar inscrição, não quero mensagens",
    "ht": "rete, kanpe, sispann, ase, anile",
    "sw": "simama, simamisha, sitisha, sitisheni, komesha, jiondoe, jitoe, niondoe, acheni, "
    "acha kutuma, acha ujumbe, sitaki ujumbe",
    "ny": "lekani, leka, siyani",
    "pcm": "stop am, make una stop, make you stop",
    "ms": "berhenti, henti, hentikan, batal, batalkan, cukup",
    "my": "ရပ်, ရပ်ပါ, ရပ်တန့်, ရပ်တန့်ပါ, ရပ်လိုက်ပါ",
    "zh": "停, 停止, 退订, 退訂, 取消",
    "ru": "стоп",
    "el": "στοπ",
}
START_WORDS: dict[str, str] = {
    "en": "start, strat, statr, strart, startt, unstop, subscribe, join, begin, resume, opt in, "
    "optin, sign up, signup",
    "fr": "démarrer, démarre, demarer, commencer, commence, commencez, début, débuter, reprendre, "
    "s'abonner, m'abonner, abonner, abonnez-moi, s'inscrire, m'inscrire, inscription, "
    "inscrivez-moi, rejoindre",
    "ar": "ابدأ, إبدأ, ابدؤوا, ابدأوا, بدء, البدء, اشترك, اشتراك, أشترك, استئناف, انضمام, ستارت",
    "am": "ጀምር, ጀምሪ, ጀምሩ, ስታርት",
    "ti": "ጀምር, ጀምሩ",
    "om": "jalqabi, jalqabaa, eegali",
    "so": "bilow, billow, bilaw, ku biir, ku soo biir",
    "ha": "fara, farawa, ku fara, a fara",
    "wo": "tàmbali, tàmbalil, dooral",
    "bm": "daminɛ, a daminɛ",
    "bn": "শুরু, শুরু করুন, শুরু কর, শুরু করো, স্টার্ট, shuru korun, shuru koro, suru korun",
    "ur": "شروع, شروع کرو, شروع کریں, سٹارٹ, اسٹارٹ, shuru, shuru karo, shuru karen",
    "prs": "شروع کن, شروع کنید, آغاز, استارت",
    "ps": "پیل, پیل کړه, پیل کړئ, شروع کړه, شروع کړئ",
    "ckb": "دەستپێبکە, دەست پێ بکە, دەستپێکردن",
    "kmr": "destpêke, dest pê bike, destpêkirin",
    "tr": "başla, başlat, başlatın, abone ol",
    "es": "empezar, comenzar, iniciar, inicia, inicio, alta, darme de alta, reanudar, suscribir, "
    "suscribirme, unirme",
    "pt": "começar, iniciar, inscrever, retomar, assinar",
    "ht": "kòmanse, komanse",
    "sw": "anza, anzisha, jiunge, jiunga",
    "ny": "yamba, yambani",
    "pcm": "start am",
    "ms": "mula, mulai, daftar",
    "my": "စတင်, စတင်ပါ, စပါ",
    "zh": "开始, 開始",
    "ru": "старт",
}
HELP_WORDS: dict[str, str] = {
    "en": "help, hepl, hlep, halp, helpp, help me, info, information, sos",
    "fr": "aide, aider, aidez, aidez-moi, aide-moi, aidez-nous, au secours, secours, infos",
    "ar": "مساعدة, المساعدة, ساعدني, ساعدوني, ساعدونا, النجدة, نجدة, معلومات, هيلب, musaada",
    "am": "እርዳታ, እገዛ, እርዱኝ, እርዳኝ, erdata",
    "ti": "ሓገዝ, ሓግዙኒ, ሓግዘኒ",
    "om": "gargaarsa, na gargaari, na gargaaraa",
    "so": "caawi, caawimo, caawimaad, i caawi, i caawiya, gargaar",
    "ha": "taimako, taimaka, a taimaka, taimakeni, taimaka mini, ku taimaka, ku taimake ni",
    "wo": "ndimbal, dimbali ma, dimbalima, wallu ma",
    "bm": "dɛmɛ, n dɛmɛ",
    "ff": "ballal, wallu am",
    "bn": "সাহায্য, সাহায্য করুন, সাহায্য চাই, সহায়তা, হেল্প, sahajjo, shahajjo, sahajjo korun",
    "ur": "مدد, مدد کرو, مدد کریں, مدد چاہیے, ہیلپ, madad, madad karo, madad karen",
    "prs": "کمک, کمک کن, کمک کنید, کمکم کنید, راهنما, راهنمایی, komak",
    "ps": "مرسته, مرسته وکړه, مرسته وکړئ",
    "ckb": "یارمەتی, یارمەتیم بدە",
    "kmr": "alîkarî, arîkarî",
    "tr": "yardım, yardım et, yardım edin, imdat, bilgi",
    "es": "ayuda, ayúdame, ayúdenme, ayúdeme, auxilio, socorro, información",
    "pt": "ajuda, ajude, me ajude, me ajudem, informação",
    "ht": "èd, ede m, ede mwen, sekou",
    "sw": "msaada, nisaidie, nisaidieni, saidia, usaidizi",
    "ny": "thandizo, thandizani, ndithandizeni",
    "pcm": "help me abeg, una help",
    "ms": "bantuan, bantu, tolong",
    "my": "အကူအညီ, ကူညီပါ",
    "zh": "帮助, 幫助, 求助",
}
# What people write around a keyword and what changes nothing about it.
COMPANIONS = (
    "please, pls, plz, plse, kindly, thanks, thank, you, now, immediately, sending, send, me, my, to, "
    "the, these, this, your, all, any, sms, message, messages, msg, msgs, text, texts, texting, "
    "service, subscription, abeg, "
    "svp, stp, s'il, s il, vous, te, plaît, plait, merci, maintenant, immédiatement, tout, tous, "
    "les, le, la, des, de, vos, ces, envoyer, m'envoyer, d'envoyer, l'envoi, l'abonnement, "
    "من, فضلك, فضلكم, لو, سمحت, سمحتم, رجاء, الرجاء, شكرا, الآن, فورا, الرسائل, رسائل, الرسالة, "
    "الاشتراك, إرسال, هذه, كل, جميع, "
    "እባክህ, እባክሽ, እባክዎ, እባካችሁ, መልእክት, መልዕክት, አሁን, በጃኹም, በጃኻ, መልእኽቲ, "
    "maaloo, ergaa, fadlan, fariimaha, fariinta, hadda, don allah, sakonni, yanzu, "
    "দয়া, করে, প্লিজ, মেসেজ, এখন, براہ, کرم, مہربانی, پلیز, پیغام, میسج, ابھی, "
    "لطفا, لطفاً, پیام, پیامها, پیام‌ها, اکنون, "
    "por, favor, gracias, ahora, mensajes, los, ya, obrigado, obrigada, agora, mensagens, as, "
    "lütfen, mesaj, mesajları, şimdi, teşekkürler, tafadhali, ujumbe, sasa, asante, "
    "tanpri, mesaj yo, mèsi, chonde, tolong, sila, mesej, pesan"
)
# STOP in any language, and never a word of a story; only these may be followed by what they like.
UNMISTAKABLE = (
    "stop, stopp, sstop, stopall, unsubscribe, unsubcribe, unsuscribe, unsub, optout, "
    "désabonner, désabonnez, désabonnement, désinscrire, ستوب, استوب, ስቶፕ, স্টপ, سٹاپ, اسٹاپ, стоп"
)
MOST_WORDS_AFTER_STOP = 4


def read_keyword(text: str) -> Keyword | None:
    """Return the keyword that a message means, or None when it is anything else."""
    words = fold(text).split()
    whole = _MEANINGS.get(" ".join(words))
    if whole or not words:
        return whole
    core = [word for word in words if word not in _COMPANIONS]
    phrase = _MEANINGS.get(" ".join(core))
    if phrase:
        return phrase
    meanings = {_MEANINGS.get(word) for word in core}
    if len(meanings) == 1:
        return meanings.pop()
    if core and core[0] in _UNMISTAKABLE and len(words) <= MOST_WORDS_AFTER_STOP:
        return Keyword.STOP
    return None


def _phrases(words: str) -> list[str]:
    return [fold(phrase) for phrase in words.split(",") if phrase.strip()]


def _collect_meanings() -> dict[str, Keyword]:
    meanings: dict[str, Keyword] = {}
    # STOP is written last, so it wins should a word ever stand in two tables.
    for keyword, table in (
        (Keyword.HELP, HELP_WORDS),
        (Keyword.START, START_WORDS),
        (Keyword.STOP, STOP_WORDS),
    ):
        for words in table.values():
            meanings |= dict.fromkeys(_phrases(words), keyword)
    return meanings


_MEANINGS = _collect_meanings()
_COMPANIONS = frozenset(word for phrase in _phrases(COMPANIONS) for word in phrase.split())
_UNMISTAKABLE = frozenset(_phrases(UNMISTAKABLE))
