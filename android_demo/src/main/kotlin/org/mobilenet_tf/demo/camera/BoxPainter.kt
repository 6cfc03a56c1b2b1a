package org.mobilenet_tf.demo.camera

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.graphics.RectF
import android.text.TextPaint
import android.text.TextUtils
import org.mobilenet_tf.demo.R
import org.mobilenet_tf.demo.core.ScoredBox
import kotlin.math.roundToInt

/**
 * Draws what a detector found over a picture: a box around each object, and its label and score above the box, or inside
 * of it if there is no room above. Texts are made if objects or places have changed; drawing allocates nothing.
 */
class BoxPainter(
    private val context: Context,
    colour: Int = R.color.box,
) {
    /** Of the picture that is shown, the best first. */
    var boxes: List<ScoredBox> = emptyList()
        set(value) {
            field = value
            placed = null
        }

    private class Tag(
        val text: String,
        val width: Float,
    )

    private val outer = context.resources.getDimension(R.dimen.box_outline)
    private val line = linePaint(colour, R.dimen.box_stroke)

    /** Around the line, so that it is seen on a bright picture too. */
    private val outline = linePaint(R.color.box_text, R.dimen.box_outline)
    private val field = Paint().apply { color = context.getColor(colour) }
    private val letters =
        TextPaint(Paint.ANTI_ALIAS_FLAG).apply {
            color = context.getColor(R.color.box_text)
            textSize = context.resources.getDimension(R.dimen.box_text_size)
        }
    private val padding = context.resources.getDimension(R.dimen.box_padding)
    private val textHeight = letters.descent() - letters.ascent() + padding
    private val box = RectF()
    private val under = RectF()

    /** The picture's place that the tags were made for; null if they are of other objects. */
    private var placed: ViewMap? = null
    private var tags: List<Tag> = emptyList()

    private fun linePaint(
        colour: Int,
        width: Int,
    ) = Paint(Paint.ANTI_ALIAS_FLAG).apply {
        style = Paint.Style.STROKE
        strokeWidth = context.resources.getDimension(width)
        color = context.getColor(colour)
    }

    /** map: where the picture is drawn. The best object is drawn last, over the others. */
    fun draw(
        canvas: Canvas,
        map: ViewMap,
    ) {
        if (placed != map) makeTags(map)
        for (index in boxes.indices.reversed()) {
            map.place(boxes[index], box)
            canvas.drawRect(box, outline)
            canvas.drawRect(box, line)
        }
        for (index in boxes.indices.reversed()) {
            map.place(boxes[index], box)
            drawTag(canvas, tags[index], map)
        }
    }

    private fun makeTags(map: ViewMap) {
        tags =
            boxes.map {
                val score = context.getString(R.string.score, (it.score * 100).roundToInt())
                // A long label leaves room for those beside it.
                val room = map.width / 2 - 2 * padding - letters.measureText(" $score")
                val label = TextUtils.ellipsize(it.label, letters, room.coerceAtLeast(0f), TextUtils.TruncateAt.END)
                val text = context.getString(R.string.box_tag, label, score)
                Tag(text, letters.measureText(text) + 2 * padding)
            }
        placed = map
    }

    /** It stays inside the picture. */
    private fun drawTag(
        canvas: Canvas,
        tag: Tag,
        map: ViewMap,
    ) {
        val edge = outer / 2
        val left = minOf(box.left - edge, map.left + map.width - tag.width).coerceAtLeast(map.left)
        val above = box.top - textHeight
        val top = if (above >= map.top) above else maxOf(box.top, map.top)
        under.set(left, top, left + tag.width, top + textHeight)
        canvas.drawRect(under, outline)
        canvas.drawRect(under, field)
        canvas.drawText(tag.text, left + padding, top + padding / 2 - letters.ascent(), letters)
    }
}
