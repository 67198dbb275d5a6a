#!/usr/bin/env python3
"""Oracle for block formats: exact rationals, written from the texts of the standards and papers, sharing nothing
with the C++ sources.

    block_oracle.py --seed 1 --count 300 > block_vectors.txt   make a file of test vectors
    block_oracle.py --check block_vectors.txt                  is the file what this program computes?

A line of the file is one matrix; fields are separated by ';', numbers in a field by blanks:
    format; zero block; non-finite; axis; rows; cols; rounding; seed; stream; random bits;
    float32 inputs (hex); element codes (hex); scale codes (hex); sub-block exponents; zero points;
    minimums (float32, hex); scale of the tensor (float32, hex); values (C hex floats)
"""

import argparse
import random
import struct
import sys
from fractions import Fraction

NAN, INF = "nan", "inf"


# ---- numbers -----------------------------------------------------------------------------------------------

def two_to(exponent):
    return Fraction(2) ** exponent


def floor_log2(x):
    """The integer e with 2^e <= x < 2^(e+1)."""
    e = x.numerator.bit_length() - x.denominator.bit_length()
    while two_to(e) > x:
        e -= 1
    while two_to(e + 1) <= x:
        e += 1
    return e


def ceil_log2(x):
    e = floor_log2(x)
    return e if two_to(e) == x else e + 1


class Number:
    """A float32 input: its sign and either a magnitude, "inf" or "nan"."""

    def __init__(self, bits):
        self.negative = bool(bits >> 31)
        exponent, fraction = (bits >> 23) & 0xFF, bits & 0x7FFFFF
        if exponent == 0xFF:
            self.magnitude = NAN if fraction else INF
        elif exponent == 0:
            self.magnitude = fraction * two_to(-149)
        else:
            self.magnitude = (fraction + (1 << 23)) * two_to(exponent - 150)

    @property
    def finite(self):
        return isinstance(self.magnitude, Fraction)

    @property
    def value(self):
        return -self.magnitude if self.negative else self.magnitude


FLOAT_MAX = (2 - two_to(-23)) * two_to(127)
FLOAT_MIN = two_to(-126)


def fp32(x):
    """x >= 0 to nearest float32, ties to even, at most the largest."""
    if x == 0:
        return Fraction(0)
    unit = two_to(max(floor_log2(x), -126) - 23)
    return min(round(x / unit) * unit, FLOAT_MAX)  # round() of a Fraction takes ties to even


def fp32_bits(x):
    """The code of a float32 number."""
    sign = 0x80000000 if x < 0 else 0
    x = abs(x)
    if x == 0:
        return sign
    e = max(floor_log2(x), -126)
    significand = x / two_to(e - 23)
    assert significand.denominator == 1
    significand = significand.numerator
    return sign | (((e + 127) << 23) + significand - (1 << 23) if significand >> 23 else significand)


# ---- Philox 4x32-10 (Salmon et al., SC 2011) -----------------------------------------------------------------

def philox(seed, stream, index):
    c = [index & 0xFFFFFFFF, index >> 32, stream & 0xFFFFFFFF, stream >> 32]
    k = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


# ---- rounding --------------------------------------------------------------------------------------------------

def goes_away(part, even, negative, rounding, bits, word):
    """Whether a number `part` of the way between two neighbours goes to the one farther from zero."""
    if rounding == "rne":
        return part > Fraction(1, 2) or (part == Fraction(1, 2) and not even)
    if rounding == "rna":
        return part >= Fraction(1, 2)
    if rounding == "rtz":
        return False
    if rounding == "rup":
        return part > 0 and not negative
    if rounding == "rdn":
        return part > 0 and negative
    if rounding == "odd":
        return part > 0 and even
    scale = 1 << bits
    if rounding == "sr_a":
        return part * scale // 1 + word >= scale
    if rounding == "sr_b":
        return part * scale * 2 // 1 + 2 * word + 1 >= 2 * scale
    assert rounding == "sr_c"
    return round(part * scale) + word >= scale


class Element:
    """An element format: the magnitudes by their codes, and what the codes of sign and NaN are."""

    def __init__(self, magnitudes, width, twos_complement=False, nan=None, infinity=None):
        self.magnitudes, self.width, self.twos_complement = magnitudes, width, twos_complement
        self.nan, self.infinity = nan, infinity
        self.largest = magnitudes[-1]
        self.emax = floor_log2(self.largest)

    def code(self, negative, index):
        if self.twos_complement:
            return -index % (1 << self.width) if negative else index
        return index | (negative << (self.width - 1))

    def round(self, negative, x, rounding, bits, word):
        """The code of a magnitude, clamped to the largest. x may be "inf"."""
        if x == INF or x >= self.largest:
            return self.code(negative, len(self.magnitudes) - 1)
        low, high = 0, len(self.magnitudes) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.magnitudes[middle] <= x else (low, middle)
        part = (x - self.magnitudes[low]) / (self.magnitudes[high] - self.magnitudes[low])
        return self.code(negative, low + goes_away(part, low % 2 == 0, negative, rounding, bits, word))

    def decode(self, code):
        """(negative, magnitude)"""
        negative = bool(code >> (self.width - 1))
        index = (1 << self.width) - code if negative and self.twos_complement else code & ~(
            negative << (self.width - 1))
        if index == self.nan:
            return False, NAN
        return negative, self.magnitudes[index]


def float_magnitudes(exponent_bits, fraction_bits, bias, count):
    values = []
    for code in range(count):
        exponent, fraction = code >> fraction_bits, code & ((1 << fraction_bits) - 1)
        one = 1 if exponent else 0
        values.append((one + Fraction(fraction, 1 << fraction_bits)) * two_to(max(exponent, 1) - bias))
    return values


E4M3 = Element(float_magnitudes(4, 3, 7, 0x7F), 8, nan=0x7F)
E5M2 = Element(float_magnitudes(5, 2, 15, 0x7C), 8, nan=0x7E)
E3M2 = Element(float_magnitudes(3, 2, 3, 32), 6)
E2M3 = Element(float_magnitudes(2, 3, 1, 32), 6)
E2M1 = Element([Fraction(n, 2) for n in (0, 1, 2, 3, 4, 6, 8, 12)], 4)
INT8 = Element([Fraction(n, 64) for n in range(128)], 8, twos_complement=True)


def sign_magnitude(bits):
    """Sign and `bits` bits of magnitude, one of them before the point."""
    return Element([Fraction(n, 1 << (bits - 1)) for n in range(1 << bits)], bits + 1)


# Bits of a significand after the first, for policy even.
FRACTION_BITS = {id(E4M3): 3, id(E5M2): 2, id(E3M2): 2, id(E2M3): 3, id(E2M1): 1, id(INT8): 6}


# ---- the formats ---------------------------------------------------------------------------------------------

POLICIES = ["floor", "ceil", "even", "rceil", "rceil_exact"]


def power_of_two_format(element, k, exponent_bits=8, sub=0, sub_bits=0):
    return {"kind": "power", "element": element, "k": k, "exponent_bits": exponent_bits, "sub": sub,
            "sub_bits": sub_bits}


FORMATS = {
    "mxfp8_e4m3": power_of_two_format(E4M3, 32),
    "mxfp8_e5m2": power_of_two_format(E5M2, 32),
    "mxfp6_e3m2": power_of_two_format(E3M2, 32),
    "mxfp6_e2m3": power_of_two_format(E2M3, 32),
    "mxfp4": power_of_two_format(E2M1, 32),
    "mxint8": power_of_two_format(INT8, 32),
    "msfp16": power_of_two_format(sign_magnitude(7), 16),
    "msfp12": power_of_two_format(sign_magnitude(3), 16),
    "mx9": power_of_two_format(sign_magnitude(7), 16, sub=2, sub_bits=1),
    "mx6": power_of_two_format(sign_magnitude(4), 16, sub=2, sub_bits=1),
    "mx4": power_of_two_format(sign_magnitude(2), 16, sub=2, sub_bits=1),
    "bfp5_g8": power_of_two_format(sign_magnitude(4), 8),
    "bfp6_g12_e5_s4x2": power_of_two_format(sign_magnitude(5), 12, exponent_bits=5, sub=4, sub_bits=2),
    "nvfp4": {"kind": "torchao", "element": E2M1, "k": 16, "levels": 1},
    "nvfp4_two_level": {"kind": "torchao", "element": E2M1, "k": 16, "levels": 2},
    "nvfp4_te": {"kind": "te", "element": E2M1, "k": 16, "levels": 2},
    "absmax_e4m3_fp32_g20": {"kind": "absmax", "element": E4M3, "k": 20, "levels": 1, "scale": "fp32"},
    "absmax_e2m1_e4m3_g16": {"kind": "absmax", "element": E2M1, "k": 16, "levels": 1, "scale": "e4m3"},
    "absmax_e2m3_e5m2_g8": {"kind": "absmax", "element": E2M3, "k": 8, "levels": 1, "scale": "e5m2"},
    "affine_uint4_g16": {"kind": "zero_point", "bits": 4, "signed": False, "k": 16},
    "affine_uint8": {"kind": "zero_point", "bits": 8, "signed": False, "k": 0},
    "affine_int8_g32": {"kind": "zero_point", "bits": 8, "signed": True, "k": 32},
    "minmax_uint4_g16": {"kind": "minimum", "bits": 4, "signed": False, "k": 16},
    "minmax_uint8": {"kind": "minimum", "bits": 8, "signed": False, "k": 0},
    "minmax_uint3_g10": {"kind": "minimum", "bits": 3, "signed": False, "k": 10},
}


def shared_exponent(element, policy, amax):
    if policy == "floor":
        return floor_log2(amax) - element.emax
    if policy == "ceil":
        return ceil_log2(amax) - element.emax
    if policy == "even":
        bits = FRACTION_BITS.get(id(element), element.width - 2)
        unit = two_to(floor_log2(amax) - bits)
        rounded = (amax + unit / 2) // unit * unit
        return floor_log2(rounded) - element.emax
    if policy == "rceil":
        descaled = fp32(amax * fp32(1 / element.largest))
        return ceil_log2(descaled) if descaled else -150  # at most half the least float
    assert policy == "rceil_exact"
    return ceil_log2(amax / element.largest)


def largest_magnitude(numbers):
    return max((n.magnitude for n in numbers if n.finite), default=Fraction(0))


class Case:
    """One matrix: what is asked for, and the oracle's answer."""

    def __init__(self, name, zero_block, non_finite, axis, rows, cols, rounding, seed, stream, bits, inputs):
        self.name, self.zero_block, self.non_finite, self.axis = name, zero_block, non_finite, axis
        self.rows, self.cols, self.rounding = rows, cols, rounding
        self.seed, self.stream, self.bits, self.inputs = seed, stream, bits, inputs
        self.policy = "floor"
        for policy in POLICIES[1:]:
            if name.endswith("_" + policy):
                self.policy, name = policy, name[: -len(policy) - 1]
        self.format = FORMATS[name]
        self.numbers = [Number(b) for b in inputs]
        self.codes = [0] * len(inputs)
        self.values = ["nan"] * len(inputs)
        self.scales, self.subs, self.zero_points, self.minimums = [], [], [], []
        self.t = self.u = Fraction(1)
        self.set_tensor_scale()
        for places in self.blocks():
            self.quantize(places)

    def blocks(self):
        k = self.format["k"]
        height = 1 if self.axis == "row" else (k or self.rows)
        width = 1 if self.axis == "column" else (k or self.cols)
        for top in range(0, self.rows, height):
            for left in range(0, self.cols, width):
                yield [r * self.cols + c for r in range(top, min(top + height, self.rows))
                       for c in range(left, min(left + width, self.cols))]

    def set_tensor_scale(self):
        amax = largest_magnitude(self.numbers)
        if self.format.get("levels") != 2 or amax == 0:
            return
        if self.format["kind"] == "te":
            self.u = fp32(Fraction(6 * 448) / amax)
            self.t = fp32(1 / self.u)
        else:
            self.t = max(fp32(amax / (448 * 6)), FLOAT_MIN)

    def word(self, place):
        if not self.rounding.startswith("sr"):
            return 0
        if self.bits > 16:
            return philox(self.seed, self.stream, place // 4)[place % 4] >> (32 - self.bits)
        # The words of eight neighbours make one number of 128 bits; each has 16 of them, the first the lowest.
        words = philox(self.seed, self.stream, place // 8)
        number = sum(word << (32 * i) for i, word in enumerate(words))
        return (number >> (16 * (place % 8)) & 0xFFFF) >> (16 - self.bits)

    def put(self, place, magnitude, unit):
        """Rounds +-magnitude to the element format; the value is that of the code times `unit`."""
        element, negative = self.format["element"], self.numbers[place].negative
        if magnitude == NAN:
            is_float = element in (E4M3, E5M2, E3M2, E2M3, E2M1)
            self.codes[place] = element.nan if element.nan else len(element.magnitudes) - 1 if is_float else 0
        else:
            self.codes[place] = element.round(negative, magnitude, self.rounding, self.bits, self.word(place))
        sign, value = element.decode(self.codes[place])
        if value != NAN:
            self.values[place] = (-float(value * unit) if sign else float(value * unit)).hex()

    def quantize(self, places):
        numbers = [self.numbers[p] for p in places]
        kind = self.format["kind"]
        poisoned = self.non_finite == "nan_scale" and not all(n.finite for n in numbers)
        if kind == "power":
            self.power_of_two(places, numbers, poisoned)
        elif kind in ("zero_point", "minimum"):
            self.offset(places, numbers, poisoned)
        else:
            self.absmax(places, numbers, poisoned)

    def power_of_two(self, places, numbers, poisoned):
        f = self.format
        element, bias = f["element"], (1 << (f["exponent_bits"] - 1)) - 1
        subs = f["k"] // f["sub"] if f["sub"] else 0
        amax = largest_magnitude(numbers)
        if amax:
            e = shared_exponent(element, self.policy, amax)
        elif self.zero_block == "least":
            e = -bias
        elif self.zero_block == "unit_amax":
            e = -element.emax
        else:
            e = shared_exponent(element, self.policy, FLOAT_MIN)
        if poisoned or e > bias:
            self.scales.append((1 << f["exponent_bits"]) - 1)
            self.subs += [0] * subs
            return
        e = max(e, -bias)
        self.scales.append(e + bias)
        below = [0] * max(subs, 1)
        for j in range(subs):
            sub_amax = largest_magnitude(numbers[j * f["sub"]:(j + 1) * f["sub"]])
            if sub_amax:
                own = shared_exponent(element, self.policy, sub_amax)
                below[j] = max(0, min(e - own, (1 << f["sub_bits"]) - 1))
        self.subs += below[:subs]
        for i, (place, n) in enumerate(zip(places, numbers)):
            unit = two_to(e - (below[i // f["sub"]] if subs else 0))
            self.put(place, n.magnitude / unit if n.finite else n.magnitude, unit)

    def absmax(self, places, numbers, poisoned):
        f = self.format
        kind, largest, amax = f["kind"], f["element"].largest, largest_magnitude(numbers)
        scale_format = f.get("scale", "e4m3")
        table = {"e4m3": E4M3, "e5m2": E5M2}.get(scale_format)
        if poisoned:
            self.scales.append({"e4m3": 0x7F, "e5m2": 0x7E, "fp32": 0x7FC00000}[scale_format])
            return
        if kind == "torchao":
            q = fp32(amax / largest)
            if f["levels"] == 2:
                q = fp32(q / self.t)
            code = table.round(False, min(max(q, two_to(-6)), Fraction(448)), "rne", 0, 0)
            scale = table.magnitudes[code]
            r = fp32((fp32(1 / self.t) if f["levels"] == 2 else 1) / scale)
        elif kind == "te":
            code = table.round(False, fp32(amax * fp32(self.u * fp32(1 / largest))), "rne", 0, 0)
            scale = table.magnitudes[code]
            d = fp32(scale * self.t)
            r = fp32(1 / d) if d else FLOAT_MAX
        elif table:
            code = max(table.round(False, amax / largest, "rne", 0, 0), 1)
            scale = table.magnitudes[code]
        else:
            scale = max(fp32(amax / largest), two_to(-149))
            code = fp32_bits(scale)
        self.scales.append(code)
        for place, n in zip(places, numbers):
            x = n.magnitude
            if n.finite:
                x = x / scale if kind == "absmax" else fp32(x * r)
            self.put(place, x, scale * self.t)

    def offset(self, places, numbers, poisoned):
        f = self.format
        steps = (1 << f["bits"]) - 1
        least_code = -(1 << (f["bits"] - 1)) if f["signed"] else 0
        has_zero_point = f["kind"] == "zero_point"
        if poisoned:
            self.scales.append(0x7FC00000)
            (self.zero_points if has_zero_point else self.minimums).append(0)
            return
        finite = [n for n in numbers if n.finite]
        low = min((n.value for n in finite), default=Fraction(0))
        high = max((n.value for n in finite), default=Fraction(0))
        if has_zero_point:
            low, high = min(low, Fraction(0)), max(high, Fraction(0))
        scale = max(fp32((high - low) / steps), FLOAT_MIN)
        self.scales.append(fp32_bits(scale))
        zero = 0
        if has_zero_point:
            zero = max(least_code, min(least_code + steps, least_code + round(-low / scale)))
            self.zero_points.append(zero)
        else:
            self.minimums.append(fp32_bits(low))
        for place, n in zip(places, numbers):
            if n.magnitude == NAN:
                code = zero
            elif n.magnitude == INF:
                code = least_code if n.negative else least_code + steps
            else:
                x = n.value / scale if has_zero_point else (n.value - low) / scale
                whole = abs(x) // 1
                away = goes_away(abs(x) - whole, whole % 2 == 0, x < 0, self.rounding, self.bits,
                                 self.word(place))
                code = max(least_code, min(least_code + steps,
                                           (-1 if x < 0 else 1) * int(whole + away) + zero))
            self.codes[place] = code % (1 << f["bits"])
            value = (code - zero) * scale + (0 if has_zero_point else low)
            self.values[place] = float(value).hex()

    def line(self):
        def hexes(codes):
            return " ".join(f"{c:x}" for c in codes)

        def texts(items):
            return " ".join(str(i) for i in items)

        def short(value):  # 0x1.8000000000000p+0 -> 0x1.8p+0
            if value == "nan":
                return value
            significand, exponent = value.split("p")
            return (significand.rstrip("0").rstrip(".") if "." in significand else significand) + "p" + exponent

        fields = [self.name, self.zero_block, self.non_finite, self.axis, self.rows, self.cols, self.rounding,
                  self.seed, self.stream, self.bits, hexes(self.inputs), hexes(self.codes), hexes(self.scales),
                  texts(self.subs), texts(self.zero_points), hexes(self.minimums),
                  hexes([fp32_bits(self.t)]), " ".join(short(v) for v in self.values)]
        return ";".join(str(f) for f in fields)


# ---- inputs ------------------------------------------------------------------------------------------------------

def float_bits(x):
    """A Python number to the nearest float32's bits, for inputs only."""
    try:
        return struct.unpack("<I", struct.pack("<f", x))[0]
    except OverflowError:
        return 0x7F7FFFFF | (0x80000000 if x < 0 else 0)


def neighbour(bits, step):
    return min(max((bits & 0x7FFFFFFF) + step, 0), 0x7F7FFFFF)


def make_inputs(generator, name, count, k):
    """Blocks of different recipes one after the other, without regard to the axis."""
    base = next(b for b in sorted(FORMATS, key=len, reverse=True) if name.startswith(b))
    element = FORMATS[base].get("element", E2M1)
    corners = [1, 2, Fraction(7, 4), Fraction(3, 2), Fraction(15, 8), Fraction(31, 16), element.largest,
               element.magnitudes[-1] / 2, Fraction(127, 64), Fraction(255, 128), 6 * 448, 448]
    inputs = []
    while len(inputs) < count:
        recipe = generator.choice(["normal", "corner", "corner", "ties", "ties", "any", "tiny", "huge", "zeros"])
        block = []
        center = generator.randint(-30, 30)
        for _ in range(k):
            sign = generator.getrandbits(1) << 31
            if recipe == "normal":
                bits = float_bits(generator.gauss(0, 1) * 2.0**center)
            elif recipe == "corner":
                scale = 2.0 ** (center - generator.choice([0, 0, 1, 2, 3, 8]))
                bits = neighbour(float_bits(float(generator.choice(corners)) * scale), generator.randint(-1, 1)) | sign
            elif recipe == "ties":
                at = generator.randrange(len(element.magnitudes) - 1)
                middle = (element.magnitudes[at] + element.magnitudes[at + 1]) / 2
                bits = neighbour(float_bits(float(middle) * 2.0**center), generator.choice([0, 0, 0, 1, -1])) | sign
            elif recipe == "any":
                bits = generator.getrandbits(32)
                if bits & 0x7F800000 == 0x7F800000 and generator.random() < 0.9:
                    bits &= ~0x40000000
            elif recipe == "tiny":
                bits = generator.getrandbits(generator.randint(1, 25)) | sign
            elif recipe == "huge":
                bits = neighbour(0x7F7FFFFF, -generator.getrandbits(generator.randint(0, 25))) | sign
            else:
                bits = sign if generator.random() < 0.5 else 0
            block.append(bits)
        if recipe == "ties":  # the block's largest number fixes the scale the ties are meant for
            block[generator.randrange(k)] = float_bits(float(element.largest) * 2.0**center)
        if generator.random() < 0.06:
            block[generator.randrange(k)] = generator.choice([0x7F800000, 0xFF800000, 0x7FC00000, 0xFF800001])
        if generator.random() < 0.1:
            block[generator.randrange(k)] = 0x80000000
        inputs += block
    return inputs[:count]


def make_case(generator, number):
    base = list(FORMATS)[number % len(FORMATS)]
    f = FORMATS[base]
    name = base
    if f["kind"] == "power":
        policy = POLICIES[number // len(FORMATS) % len(POLICIES)]
        name += "" if policy == "floor" else "_" + policy
    axis = generator.choice(["row", "row", "column"] if f.get("sub") else ["row", "row", "column", "tile"])
    k = f["k"] or 16
    if axis == "tile":
        rows, cols = generator.randint(1, 10), generator.randint(1, 10)
        if generator.random() < 0.3:
            rows = k + generator.randint(1, 2)
    else:
        rows, cols = generator.randint(1, 3), generator.choice([k, k + 1, 2 * k - 1, generator.randint(1, k)])
        if axis == "column":
            rows, cols = cols, rows
    rounding = generator.choice(["rne"] * 6 + ["rna", "rtz", "rup", "rdn", "odd", "sr_a", "sr_b", "sr_c"])
    inputs = make_inputs(generator, name, rows * cols, k)
    return Case(name, generator.choice(["least", "unit_amax", "least_float_amax"]),
                generator.choice(["nan_scale", "nan_scale", "elements"]), axis, rows, cols, rounding,
                generator.getrandbits(64), generator.getrandbits(64), generator.randint(1, 32), inputs)


def check(path):
    wrong = lines = 0
    with open(path, encoding="ascii") as file:
        for line_number, line in enumerate(file, 1):
            if line.startswith("#"):
                continue
            f = line.rstrip("\n").split(";")
            case = Case(f[0], f[1], f[2], f[3], int(f[4]), int(f[5]), f[6], int(f[7]), int(f[8]), int(f[9]),
                        [int(h, 16) for h in f[10].split()])
            lines += 1
            if case.line() != line.rstrip("\n"):
                wrong += 1
                print(f"{path}:{line_number}: {f[0]} differs", file=sys.stderr)
    print(f"{lines} matrices, {wrong} differ")
    return 1 if wrong or not lines else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=300, help="matrices to make")
    parser.add_argument("--check", metavar="FILE", help="check a file instead of making one")
    arguments = parser.parse_args()
    if arguments.check:
        return check(arguments.check)
    print(f"# Made by block_oracle.py --seed {arguments.seed} --count {arguments.count}")
    generator = random.Random(arguments.seed)
    for number in range(arguments.count):
        print(make_case(generator, number).line())
    return 0


if __name__ == "__main__":
    sys.exit(main())
